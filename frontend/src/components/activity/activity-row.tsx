import { Ban, Check, CircleHelp, CirclePause, Droplet, Search, X } from "lucide-react";
import { memo } from "react";
import { type ActivityKind, activityKind } from "@/lib/activity";
import { formatClock, formatMl } from "@/lib/format";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";
import type { LogRow } from "@/types/wire";

const faces = {
  started: { Icon: Droplet, color: "text-primary-text" },
  checking: { Icon: Search, color: "text-warning-text" },
  success: { Icon: Check, color: "text-success-text" },
  partial: { Icon: CirclePause, color: "text-warning-text" },
  refused: { Icon: Ban, color: "text-muted-foreground" },
  failed: { Icon: X, color: "text-destructive-text" },
  unknown: { Icon: CircleHelp, color: "text-warning-text" },
} satisfies Record<ActivityKind, unknown>;

/** What flowed, as far as it is known; nothing where it is simply what was asked for. */
function flowed({ delivered_ml, ml_min, ml_max }: LogRow, kind: ActivityKind): string | undefined {
  if (kind === "started" || kind === "checking") return undefined;
  if (kind === "refused" || kind === "failed") return formatMl(0);
  if (delivered_ml !== null) return formatMl(delivered_ml);
  if (kind === "success" || ml_min === null || ml_max === null) return undefined;
  return texts.log.between(formatMl(ml_min), formatMl(ml_max));
}

function Amount({ row, kind }: { row: LogRow; kind: ActivityKind }) {
  const ml = flowed(row, kind);
  const asked = formatMl(row.amount_ml);
  if (ml === undefined || kind === "success") {
    return (
      <span className="shrink-0 font-bold">
        {ml ?? asked} {texts.amount.unit}
      </span>
    );
  }
  return (
    <span className="shrink-0">
      <span className="font-bold">{ml}</span>{" "}
      <span className="text-sm text-muted-foreground">{texts.log.outOf(asked)}</span>
    </span>
  );
}

interface ActivityRowProps {
  row: LogRow;
  at_ms: number;
  showTap: boolean;
}

export const ActivityRow = memo(function ActivityRow({ row, at_ms, showTap }: ActivityRowProps) {
  const kind = activityKind(row);
  const { Icon, color } = faces[kind];
  return (
    <li className="flex items-start gap-3 py-3" data-status={row.status} data-outcome={row.outcome}>
      <span className="grid size-9 shrink-0 place-items-center rounded-full bg-secondary">
        <Icon
          className={cn("size-4.5", color, kind === "started" && "animate-breathe")}
          aria-hidden
        />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <strong className="min-w-0 flex-1 truncate font-semibold">
            {row.user_token || texts.log.unnamed}
          </strong>
          <Amount row={row} kind={kind} />
        </p>
        <p className="flex flex-wrap gap-x-1.5 text-sm text-muted-foreground">
          <span className={cn("font-semibold", color)}>{texts.log.status[kind]}</span>
          {showTap && <span>· {row.tap}</span>}
          <time dateTime={new Date(at_ms).toISOString()} className="ms-auto">
            {formatClock(at_ms)}
          </time>
        </p>
        {row.reason && <p className="text-sm text-muted-foreground">{row.reason}</p>}
      </div>
    </li>
  );
});
