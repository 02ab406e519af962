/** A receipt in plain words. Pure. */
import { formatMl } from "@/lib/format";
import type { Outcome } from "@/lib/order";
import { texts } from "@/lib/texts";
import type { Receipt } from "@/types/wire";

export interface ReceiptWords {
  tone: "good" | "partial" | "nothing" | "unknown";
  title: string;
  /** Sentences, in the order to be read. */
  details: readonly string[];
}

function measuredHow({ measured_by, uncertainty_ml, delivered_ml }: Receipt): string {
  const words = texts.receipt;
  const measured = measured_by === "meter" || measured_by === "time";
  if (!measured || delivered_ml === null || uncertainty_ml === null) {
    return words.measured.unmeasured;
  }
  return words.measured[measured_by](formatMl(uncertainty_ml));
}

function why({ stop_reason, code, reason }: Receipt): string {
  const stopped = stop_reason === null ? undefined : texts.receipt.stopReason[stop_reason];
  return stopped ?? texts.reason(code, reason);
}

function bounds({ ml_min, ml_max }: Receipt): string {
  return ml_min === null || ml_max === null
    ? ""
    : texts.receipt.between(formatMl(ml_min), formatMl(ml_max));
}

function describe(receipt: Receipt): ReceiptWords {
  const words = texts.receipt;
  const asked = formatMl(receipt.amount_ml);
  const delivered = receipt.delivered_ml;
  switch (receipt.state) {
    case "done":
      return {
        tone: "good",
        title: words.done(formatMl(delivered ?? receipt.amount_ml)),
        details: [words.asked(asked), measuredHow(receipt)],
      };
    case "partial":
      return {
        tone: "partial",
        title:
          delivered === null
            ? words.partialUnmeasured(asked)
            : words.partial(formatMl(delivered), asked),
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
  const words = texts.receipt;
  switch (outcome.kind) {
    case "receipt": {
      const described = describe(outcome.receipt);
      return { ...described, details: described.details.filter((sentence) => sentence !== "") };
    }
    case "refused":
      return {
        tone: "nothing",
        title: words.nothing,
        details: [texts.reason(outcome.code, outcome.reason)],
      };
    case "never_arrived":
      return { tone: "nothing", title: words.nothing, details: [words.neverArrived] };
  }
}
