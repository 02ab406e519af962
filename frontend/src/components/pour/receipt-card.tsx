import { CircleCheck, CircleHelp, CirclePause, CircleSlash, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import type { Outcome } from "@/lib/order";
import { type ReceiptWords, receiptWords } from "@/lib/receipt-words";
import { texts } from "@/lib/texts";

const faces = {
  good: { Icon: CircleCheck, color: "text-success-text" },
  partial: { Icon: CirclePause, color: "text-warning-text" },
  nothing: { Icon: CircleSlash, color: "text-destructive-text" },
  unknown: { Icon: CircleHelp, color: "text-warning-text" },
} satisfies Record<ReceiptWords["tone"], unknown>;

/** How the pour ended, in plain words, until it is put away. */
export function ReceiptCard({ outcome, onClose }: { outcome: Outcome; onClose: () => void }) {
  const words = receiptWords(outcome);
  const { Icon, color } = faces[words.tone];
  return (
    <section
      aria-label={texts.receipt.title}
      className="flex w-full animate-appear items-start gap-3 rounded-xl border bg-card p-1 ps-3 shadow-lg shadow-(color:--shadow)"
    >
      <Icon className={`mt-2.5 size-6 shrink-0 ${color}`} aria-hidden />
      <div className="min-w-0 flex-1 py-2">
        <p className="text-lg font-bold leading-snug">{words.title}</p>
        {words.details.map((sentence) => (
          <p key={sentence} className="text-sm leading-snug text-muted-foreground">
            {sentence}
          </p>
        ))}
      </div>
      <Button variant="ghost" size="icon" aria-label={texts.receipt.close} onClick={onClose}>
        <X className="size-5" aria-hidden />
      </Button>
    </section>
  );
}
