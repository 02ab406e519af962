import { ActivityAmount, ActivitySign, ActivityWord } from "@/components/activity/activity-parts";
import { drawnAlone } from "@/components/status/drawn-alone";
import { rowReason } from "@/lib/activity";
import { formatClock } from "@/lib/format";
import { texts } from "@/lib/texts";
import type { LogRow } from "@/types/wire";

interface ActivityRowProps {
  row: LogRow;
  at_ms: number;
  showTap: boolean;
}

export const ActivityRow = drawnAlone(function ActivityRow({
  row,
  at_ms,
  showTap,
}: ActivityRowProps) {
  const reason = rowReason(row);
  return (
    <li className="flex items-start gap-3 py-3" data-status={row.status} data-outcome={row.outcome}>
      <ActivitySign row={row} />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <strong translate="no" className="min-w-0 flex-1 truncate font-semibold">
            {row.user_token || texts.log.unnamed}
          </strong>
          <ActivityAmount row={row} />
        </p>
        <p className="flex flex-wrap gap-x-1.5 text-sm text-muted-foreground">
          <ActivityWord row={row} />
          {showTap && <span translate="no">{`· ${row.tap}`}</span>}
          <time dateTime={new Date(at_ms).toISOString()} className="ms-auto">
            {formatClock(at_ms)}
          </time>
        </p>
        {reason !== "" && <p className="text-sm text-muted-foreground">{reason}</p>}
      </div>
    </li>
  );
});
