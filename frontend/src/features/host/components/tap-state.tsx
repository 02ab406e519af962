import {
  CircleCheck,
  Droplets,
  GlassWater,
  Hourglass,
  type LucideIcon,
  OctagonX,
  Search,
  TriangleAlert,
  WifiOff,
} from "lucide-react";
import { type TapSign, tapFace } from "@/features/host/lib/host-view";
import type { Tone } from "@/lib/tap-badge";
import { cn } from "@/lib/utils";
import type { Tap } from "@/types/wire";

const signs: Record<TapSign, LucideIcon> = {
  ready: CircleCheck,
  pouring: Droplets,
  checking: Search,
  offline: WifiOff,
  stopped: OctagonX,
  glass: GlassWater,
  fault: TriangleAlert,
  wait: Hourglass,
};

const tones: Record<Tone, string> = {
  good: "border-success-text text-success-text",
  busy: "border-primary-text text-primary-text",
  wait: "border-warning-text text-warning-text",
  bad: "border-destructive-text text-destructive-text",
};

/** How a tap is: never by its colour alone. */
export function TapState({ tap }: { tap: Tap }) {
  const { word, tone, sign } = tapFace(tap);
  const Icon = signs[sign];
  return (
    <p
      data-state={sign}
      className={cn(
        "flex min-w-0 shrink-0 items-center gap-1.5 rounded-full border px-3 py-1 text-sm font-bold",
        tones[tone],
      )}
    >
      <Icon
        className={cn("size-4 shrink-0", sign === "pouring" && "animate-breathe")}
        aria-hidden
      />
      <span className="truncate">{word}</span>
    </p>
  );
}
