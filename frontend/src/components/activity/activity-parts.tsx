import { Ban, Check, CircleHelp, CirclePause, CirclePlay, Droplet, Search, X } from "lucide-react";
import { type ActivityKind, activityKind, rowAmount, type Standing } from "@/lib/activity";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";
import type { LogRow } from "@/types/wire";

const faces = {
  started: { Icon: Droplet, color: "text-primary-text" },
  checking: { Icon: Search, color: "text-warning-text" },
  begun: { Icon: CirclePlay, color: "text-muted-foreground" },
  success: { Icon: Check, color: "text-success-text" },
  partial: { Icon: CirclePause, color: "text-warning-text" },
  refused: { Icon: Ban, color: "text-muted-foreground" },
  failed: { Icon: X, color: "text-destructive-text" },
  unknown: { Icon: CircleHelp, color: "text-warning-text" },
} satisfies Record<ActivityKind, unknown>;

const signSizes = { default: "size-9 [&_svg]:size-4.5", small: "size-6 [&_svg]:size-3.5" };

/** How a pour went, as a sign; the word for it stands beside it. */
export function ActivitySign({
  row,
  size = "default",
}: {
  row: Standing;
  size?: keyof typeof signSizes;
}) {
  const kind = activityKind(row);
  const { Icon, color } = faces[kind];
  return (
    <span
      className={cn(
        "grid shrink-0 place-items-center rounded-full bg-secondary",
        signSizes[size],
        color,
      )}
    >
      <Icon className={kind === "started" ? "animate-breathe" : undefined} aria-hidden />
    </span>
  );
}

/** How a pour went, in a word. */
export function ActivityWord({ row }: { row: Standing }) {
  const kind = activityKind(row);
  return <span className={cn("font-semibold", faces[kind].color)}>{texts.log.status[kind]}</span>;
}

/** How much came, and of how much where that differs. */
export function ActivityAmount({ row }: { row: LogRow }) {
  const { ml, of } = rowAmount(row);
  if (of === undefined) {
    return <span className="shrink-0 font-bold">{`${ml} ${texts.unit}`}</span>;
  }
  return (
    <span className="shrink-0">
      <span className="font-bold">{`${ml} `}</span>
      <span className="text-sm text-muted-foreground">{texts.log.outOf({ amount: of })}</span>
    </span>
  );
}
