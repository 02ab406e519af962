import { CircleCheck, CircleHelp, CirclePause, CircleSlash, LoaderCircle, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import type { Outcome } from "@/features/pour/lib/order";
import { type ReceiptWords, receiptWords } from "@/features/pour/lib/receipt-words";
import { pourTexts } from "@/features/pour/texts";

const faces = {
  good: { Icon: CircleCheck, color: "text-success-text" },
  partial: { Icon: CirclePause, color: "text-warning-text" },
  nothing: { Icon: CircleSlash, color: "text-destructive-text" },
  unknown: { Icon: CircleHelp, color: "text-warning-text" },
} satisfies Record<ReceiptWords["tone"], unknown>;

/** Nobody knows whether the order has arrived: no receipt yet, and nothing to press again. */
export function DoubtCard() {
  const { doubt, doubtAdvice } = pourTexts.receipt;
  return (
    <section
      aria-label={doubt}
      className="grid w-full animate-appear grid-cols-[auto_minmax(0,1fr)] items-center gap-x-2 rounded-xl border bg-card px-3 py-2.5 shadow-lg shadow-(color:--shadow)"
    >
      <LoaderCircle
        className="size-6 animate-spin text-warning-text motion-reduce:animate-none"
        aria-hidden
      />
      <p className="text-xl leading-tight font-extrabold">{doubt}</p>
      <p className="col-span-2 pt-1 text-sm leading-snug text-balance text-muted-foreground">
        {doubtAdvice}
      </p>
    </section>
  );
}

/** How the pour ended, in plain words, until it is put away. */
export function ReceiptCard({ outcome, onClose }: { outcome: Outcome; onClose: () => void }) {
  const words = receiptWords(outcome);
  const { Icon, color } = faces[words.tone];
  return (
    <section
      aria-label={pourTexts.receipt.title}
      className="grid w-full animate-appear grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-2 rounded-xl border bg-card pb-2.5 ps-3 shadow-lg shadow-(color:--shadow)"
    >
      <Icon className={`size-6 ${color}`} aria-hidden />
      <p className="text-xl leading-tight font-extrabold">{words.title}</p>
      <Button variant="ghost" size="icon" aria-label={pourTexts.receipt.close} onClick={onClose}>
        <X className="size-5" aria-hidden />
      </Button>
      <p className="col-span-3 pe-3 text-sm leading-snug text-balance text-muted-foreground">
        {words.details.join(" ")}
      </p>
    </section>
  );
}
