/** A receipt in plain words. Pure. */

import type { Outcome } from "@/features/pour/lib/order";
import { pourTexts } from "@/features/pour/texts";
import { formatMl } from "@/lib/format";
import { reasonWords, stopWords } from "@/lib/reason-words";
import type { Receipt } from "@/types/wire";

export interface ReceiptWords {
  tone: "good" | "partial" | "nothing" | "unknown";
  title: string;
  /** Sentences, in the order to be read. */
  details: readonly string[];
}

function measuredHow({ measured_by, uncertainty_ml, delivered_ml }: Receipt): string {
  const words = pourTexts.receipt;
  const measured = measured_by === "meter" || measured_by === "time";
  if (!measured || delivered_ml === null || uncertainty_ml === null) {
    return words.measured.unmeasured;
  }
  return words.measured[measured_by]({ error: formatMl(uncertainty_ml) });
}

function why({ stop_reason, code, reason }: Receipt): string {
  return stopWords(stop_reason) ?? reasonWords(code, reason);
}

function bounds({ ml_min, ml_max }: Receipt): string {
  return ml_min === null || ml_max === null
    ? ""
    : pourTexts.receipt.between({ least: formatMl(ml_min), most: formatMl(ml_max) });
}

function describe(receipt: Receipt): ReceiptWords {
  const words = pourTexts.receipt;
  const asked = formatMl(receipt.amount_ml);
  const delivered = receipt.delivered_ml;
  switch (receipt.state) {
    case "done":
      return {
        tone: "good",
        title: words.done({ amount: formatMl(delivered ?? receipt.amount_ml) }),
        details: [words.asked({ amount: asked }), measuredHow(receipt)],
      };
    case "partial":
      return {
        tone: "partial",
        title:
          delivered === null
            ? words.partialUnmeasured({ amount: asked })
            : words.partial({ delivered: formatMl(delivered), amount: asked }),
        details: [why(receipt), delivered === null ? bounds(receipt) : measuredHow(receipt)],
      };
    case "refused":
    case "rejected":
    case "not_sent":
    case "not_poured":
      return { tone: "nothing", title: words.nothing, details: [why(receipt)] };
    case "unknown":
    case "sending":
    case "accepted":
    case "unclear":
      return {
        tone: "unknown",
        title: words.unknown,
        details: [bounds(receipt), why(receipt), words.unknownAdvice],
      };
  }
}

export function receiptWords(outcome: Outcome): ReceiptWords {
  const words = pourTexts.receipt;
  switch (outcome.kind) {
    case "receipt": {
      const described = describe(outcome.receipt);
      return { ...described, details: described.details.filter((sentence) => sentence !== "") };
    }
    case "refused":
      return {
        tone: "nothing",
        title: words.nothing,
        details: [reasonWords(outcome.code, outcome.reason)],
      };
    case "never_arrived":
      return { tone: "nothing", title: words.nothing, details: [words.neverArrived] };
  }
}
