/** A receipt as the host reads it: what was asked, what came, and every step. Pure. */
import { formatMl } from "@/lib/format";
import { texts } from "@/lib/texts";
import { viewTexts } from "@/lib/texts/views";
import type { HistoryStep, Receipt } from "@/types/wire";

/** What the server takes for the name of a pour. */
export const isRequestId = (text: string): boolean => /^[A-Za-z0-9._:-]{1,64}$/.test(text);

export interface Fact {
  name: string;
  value: string;
}

const inMl = (ml: number): string => `${formatMl(ml)}\u00a0${texts.amount.unit}`;

function delivered({ delivered_ml, uncertainty_ml, state, final }: Receipt): string | undefined {
  if (!final) return undefined;
  if (delivered_ml !== null) {
    const error = uncertainty_ml === null ? "" : ` ±\u00a0${inMl(uncertainty_ml)}`;
    return `${inMl(delivered_ml)}${error}`;
  }
  const nothing = ["refused", "rejected", "not_sent", "not_poured"];
  return nothing.includes(state) ? inMl(0) : viewTexts.history.notKnown;
}

/** Why it ended, once it has. */
function ending(receipt: Receipt): string | undefined {
  const { final, stop_reason, code, reason, state } = receipt;
  if (!final) return undefined;
  if (stop_reason === "target_reached") return viewTexts.history.reached;
  const stopped = stop_reason === null ? undefined : texts.receipt.stopReason[stop_reason];
  if (stopped !== undefined) return stopped;
  if (reason !== "") return texts.reason(code, reason);
  return state === "done" ? (viewTexts.history.cause[code] ?? undefined) : undefined;
}

/** What is worth a line, in the order to be read. */
export function receiptFacts(receipt: Receipt): Fact[] {
  const { history: words } = viewTexts;
  const { ml_min, ml_max, measured_by, final } = receipt;
  const bounded = final && ml_min !== null && ml_max !== null && ml_min !== ml_max;
  const facts: [name: string, value: string | undefined][] = [
    [words.person, receipt.user_token || texts.log.unnamed],
    [words.tap, receipt.tap],
    [words.asked, inMl(receipt.amount_ml)],
    [words.delivered, delivered(receipt)],
    [
      words.bounds,
      bounded ? `${texts.log.between(formatMl(ml_min), formatMl(ml_max))}\u00a0ml` : undefined,
    ],
    [
      words.measured,
      measured_by === null ? undefined : (words.measuredBy[measured_by] ?? measured_by),
    ],
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
  const { step, cause } = viewTexts.history;
  const said = cause[code] ?? code.replaceAll("_", " ");
  return {
    at_ms: at * 1000,
    title: step[to] ?? to.replaceAll("_", " "),
    cause: detail === "" ? said : `${said} (${detail})`,
  };
}
