import { type Tone, tapBadge } from "@/lib/tap-badge";
import { cn } from "@/lib/utils";
import type { Tap } from "@/types/wire";

const tones: Record<Tone, { text: string; dot: string }> = {
  good: { text: "text-success-text", dot: "bg-success-text" },
  busy: { text: "text-primary-text", dot: "animate-breathe bg-primary" },
  wait: { text: "text-warning-text", dot: "bg-warning-text" },
  bad: { text: "text-destructive-text", dot: "bg-destructive-text" },
};

const sizes = { default: "text-sm", wall: "text-[max(1rem,2.6vmin)]" };

/** How a tap is, in a word and a colour. */
export function TapBadge({ tap, size = "default" }: { tap: Tap; size?: keyof typeof sizes }) {
  const { label, tone } = tapBadge(tap);
  return (
    <span className={cn("flex items-center justify-center gap-1.5", sizes[size], tones[tone].text)}>
      <span className={cn("size-[0.57em] shrink-0 rounded-full", tones[tone].dot)} aria-hidden />
      <span className="truncate">{label}</span>
    </span>
  );
}
