import { useMemo } from "react";
import { ActivityRow } from "@/components/activity/activity-row";
import { drawnAlone } from "@/components/status/drawn-alone";
import { useLive } from "@/hooks/use-live";
import { toActivities } from "@/lib/activity";
import { texts } from "@/lib/texts";

/** Who poured what lately, newest first, one entry per pour. */
export const ActivityLog = drawnAlone(function ActivityLog() {
  const rows = useLive(({ log }) => log);
  const loaded = useLive(({ logLoaded }) => logLoaded);
  // Rows name their tap only where there is more than one.
  const showTap = useLive(({ taps }) => taps.length > 1);
  const activities = useMemo(() => toActivities(rows), [rows]);
  return (
    <section aria-labelledby="log-title">
      <h2 id="log-title" className="pb-2 text-lg font-bold">
        {texts.app.log}
      </h2>
      {activities.length === 0 ? (
        <p className="rounded-xl border border-dashed p-6 text-center text-muted-foreground">
          {loaded ? texts.log.empty : texts.log.loading}
        </p>
      ) : (
        <ol className="divide-y">
          {activities.map(({ row, at_ms }) => (
            <ActivityRow key={row.request_id || row.id} row={row} at_ms={at_ms} showTap={showTap} />
          ))}
        </ol>
      )}
    </section>
  );
});
