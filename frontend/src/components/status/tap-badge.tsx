import { type Tone, tapBadge } from "@/lib/pour-view";
import { cn } from "@/lib/utils";
import type { Tap } from "@/types/wire";

const tones: Record<Tone, { text: string; dot: string }> = {
  good: { text: "text-success-text", dot: "bg-success-text" },
  busy: { text: "text-primary-text", dot: "animate-breathe bg-primary" },
  wait: { text: "text-warning-text", dot: "bg-warning-text" },
  bad: { text: "text-destructive-text", dot: "bg-destructive-text" },
};

/** How a tap is, in a word and a colour. */
export function TapBadge({ tap }: { tap: Tap }) {
  const { label, tone } = tapBadge(tap);
  return (
    <span className={cn("flex items-center justify-center gap-1.5 text-sm", tones[tone].text)}>
      <span className={cn("size-2 shrink-0 rounded-full", tones[tone].dot)} aria-hidden />
      <span className="truncate">{label}</span>
    </span>
  );
}
