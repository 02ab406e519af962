/** A receipt as the host reads it: what was asked, what came, and every step. Pure. */

import { logTexts } from "@/features/log/texts";
import { formatMl } from "@/lib/format";
import { reasonWords, stopWords, wordOf, wordOrCode } from "@/lib/reason-words";
import { texts } from "@/lib/texts";
import type { HistoryStep, Receipt } from "@/types/wire";

/** What the server takes for the name of a pour. */
export const isRequestId = (text: string): boolean => /^[A-Za-z0-9._:-]{1,64}$/.test(text);

export interface Fact {
  name: string;
  value: string;
}

const inMl = (ml: number): string => `${formatMl(ml)}\u00a0${texts.unit}`;

function delivered({ delivered_ml, uncertainty_ml, state, final }: Receipt): string | undefined {
  if (!final) return undefined;
  if (delivered_ml !== null) {
    const error = uncertainty_ml === null ? "" : ` ±\u00a0${inMl(uncertainty_ml)}`;
    return `${inMl(delivered_ml)}${error}`;
  }
  const nothing = ["refused", "rejected", "not_sent", "not_poured"];
  return nothing.includes(state) ? inMl(0) : logTexts.receipt.notKnown;
}

/** Why it ended, once it has. */
function ending(receipt: Receipt): string | undefined {
  const { final, stop_reason, code, reason, state } = receipt;
  if (!final) return undefined;
  if (stop_reason === "target_reached") return logTexts.receipt.reached;
  const stopped = stopWords(stop_reason);
  if (stopped !== undefined) return stopped;
  if (reason !== "") return reasonWords(code, reason);
  return state === "done" ? wordOf(logTexts.receipt.cause, code) : undefined;
}

/** What is worth a line, in the order to be read. */
export function receiptFacts(receipt: Receipt): Fact[] {
  const words = logTexts.receipt;
  const { ml_min, ml_max, measured_by, final } = receipt;
  const bounded = final && ml_min !== null && ml_max !== null && ml_min !== ml_max;
  const facts: [name: string, value: string | undefined][] = [
    [words.person, receipt.user_token || texts.log.unnamed],
    [words.tap, receipt.tap],
    [words.asked, inMl(receipt.amount_ml)],
    [words.delivered, delivered(receipt)],
    [
      words.bounds,
      bounded
        ? `${texts.log.between({ least: formatMl(ml_min), most: formatMl(ml_max) })}\u00a0ml`
        : undefined,
    ],
    [words.measured, measured_by === null ? undefined : wordOrCode(words.measuredBy, measured_by)],
    [words.ended, ending(receipt)],
  ];
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

export interface StepWords {
  at_ms: number;
  title: string;
  cause: string;
}

export function stepWords({ at, to, code, detail }: HistoryStep): StepWords {
  const { step, cause } = logTexts.receipt;
  const said = wordOrCode(cause, code);
  return {
    at_ms: at * 1000,
    title: wordOrCode(step, to),
    cause: detail === "" ? said : `${said} (${detail})`,
  };
}
