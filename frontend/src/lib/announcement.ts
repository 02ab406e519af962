/** What a screen reader is told when it changes: one sentence for how things stand. Pure. */
import { formatMl } from "@/lib/format";
import { isInDoubt } from "@/lib/order";
import { type PourInputs, tapBlock } from "@/lib/pour-view";
import { receiptWords } from "@/lib/receipt-words";
import { texts } from "@/lib/texts";

export function announcement({ link, tap, order }: PourInputs): string {
  if (link === "lost") return texts.announce.lost;
  if (order.phase === "settled") {
    const { title, details } = receiptWords(order.outcome);
    return [`${title}.`, ...details].join(" ");
  }
  if (isInDoubt(order)) return `${texts.receipt.doubt}. ${texts.receipt.doubtAdvice}`;
  if (order.phase !== "none") return texts.announce.pouring(formatMl(order.order.amountMl));
  if (!tap || link !== "live") return "";
  const block = tapBlock(tap);
  return block === undefined ? texts.announce.ready : `${block.label}.`;
}
