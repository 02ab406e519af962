/** What a screen reader is told when it changes: one sentence for how things stand. Pure. */

import { isInDoubt } from "@/features/pour/lib/order";
import { type PourInputs, tapBlock } from "@/features/pour/lib/pour-view";
import { receiptWords } from "@/features/pour/lib/receipt-words";
import { pourTexts } from "@/features/pour/texts";
import { formatMl } from "@/lib/format";

export function announcement({ link, tap, order }: PourInputs): string {
  if (link === "lost") return pourTexts.announce.lost;
  if (order.phase === "settled") {
    const { title, details } = receiptWords(order.outcome);
    return [`${title}.`, ...details].join(" ");
  }
  if (isInDoubt(order)) return `${pourTexts.receipt.doubt}. ${pourTexts.receipt.doubtAdvice}`;
  if (order.phase !== "none")
    return pourTexts.announce.pouring({ amount: formatMl(order.order.amountMl) });
  if (!tap || link !== "live") return "";
  const block = tapBlock(tap);
  return block === undefined ? pourTexts.announce.ready : `${block.label}.`;
}
