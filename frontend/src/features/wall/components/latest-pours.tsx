import { useMemo } from "react";
import { ActivityRow } from "@/components/activity/activity-row";
import { drawnAlone } from "@/components/status/drawn-alone";
import { wallTexts } from "@/features/wall/texts";
import { useLive } from "@/hooks/use-live";
import { toActivities } from "@/lib/activity";

/** More than any wall has room for; what does not fit is cut off. */
const ROWS_MAX = 12;

export const LatestPours = drawnAlone(function LatestPours() {
  const rows = useLive(({ log }) => log);
  const loaded = useLive(({ logLoaded }) => logLoaded);
  const showTap = useLive(({ taps }) => taps.length > 1);
  const latest = useMemo(
    () =>
      toActivities(rows)
        .filter(({ row }) => row.outcome !== "refused")
        .slice(0, ROWS_MAX),
    [rows],
  );
  return (
    <section aria-labelledby="latest-title" className="flex min-h-0 min-w-0 flex-1 flex-col">
      <h2 id="latest-title" className="text-[max(1rem,2.6vmin)] font-bold">
        {wallTexts.lately}
      </h2>
      {latest.length === 0 && loaded && (
        <p className="pt-2 text-[max(1rem,2.2vmin)] text-muted-foreground">
          {wallTexts.firstGlass}
        </p>
      )}
      <ol className="wall-list min-h-0 flex-1 divide-y overflow-hidden">
        {latest.map(({ row, at_ms }) => (
          <ActivityRow key={row.request_id || row.id} row={row} at_ms={at_ms} showTap={showTap} />
        ))}
      </ol>
    </section>
  );
});
