import { ActivityAmount, ActivitySign, ActivityWord } from "@/components/activity/activity-parts";
import { drawnAlone } from "@/components/status/drawn-alone";
import type { LogEntry } from "@/features/log/lib/log-model";
import { logTexts } from "@/features/log/texts";
import { activityKind, rowAmount, rowReason } from "@/lib/activity";
import { midnight } from "@/lib/day";
import { formatClock, formatMoment } from "@/lib/format";
import { texts } from "@/lib/texts";

/** When a pour began: its day too, unless it was today. */
function timeWords(at_ms: number, day_ms: number | undefined): string {
  if (at_ms === 0) return logTexts.unknownTime;
  return midnight(at_ms) === day_ms ? formatClock(at_ms) : formatMoment(at_ms);
}

/** The whole row in one breath, for those who hear it. */
function spoken({ row, at_ms }: LogEntry, day_ms: number | undefined): string {
  const { ml, of } = rowAmount(row);
  const amount = `${ml} ${of === undefined ? texts.unit : texts.log.outOf({ amount: of })}`;
  const word = texts.log.status[activityKind(row)];
  return [row.user_token || texts.log.unnamed, amount, word, row.tap, timeWords(at_ms, day_ms)]
    .filter((part) => part !== "")
    .join(", ");
}

interface LogRowFaceProps {
  entry: LogEntry;
  /** Midnight before now; nothing while nobody knows what day it is. */
  day_ms: number | undefined;
  /** The row that Tab reaches; the arrow keys go from it to the others. */
  reachable: boolean;
  onOpen: (entry: LogEntry) => void;
  onPerson: (person: string) => void;
}

/**
 * One pour of the long log: two lines on a phone, one where there is room, always of the same
 * height.
 */
export const LogRowFace = drawnAlone(function LogRowFace(props: LogRowFaceProps) {
  const { entry, day_ms, reachable, onOpen, onPerson } = props;
  const { row, at_ms } = entry;
  const reason = rowReason(row);
  const tabIndex = reachable ? 0 : -1;
  return (
    <div className="relative grid h-full grid-cols-[auto_minmax(0,1fr)_auto] grid-rows-2 items-center gap-x-3 border-b py-1.5 hover:bg-card lg:grid-cols-[9rem_auto_7.5rem_minmax(0,1fr)_minmax(0,7rem)_8.5rem_minmax(0,1.6fr)] lg:grid-rows-1 lg:py-0 lg:ps-2">
      <button
        type="button"
        tabIndex={tabIndex}
        data-open
        aria-label={logTexts.open({ entry: spoken(entry, day_ms) })}
        onClick={() => onOpen(entry)}
        className="absolute inset-0 rounded-lg"
      />
      <time
        dateTime={new Date(at_ms).toISOString()}
        className="col-start-3 row-start-2 self-start text-end text-sm text-muted-foreground lg:col-start-1 lg:row-start-1 lg:self-center lg:text-start"
      >
        {timeWords(at_ms, day_ms)}
      </time>
      <span className="col-start-1 row-span-2 row-start-1 lg:col-start-2 lg:row-span-1">
        <ActivitySign row={row} />
      </span>
      <p className="col-start-2 row-start-2 self-start truncate text-sm text-muted-foreground lg:contents">
        <span className="lg:col-start-3 lg:row-start-1 lg:truncate">
          <ActivityWord row={row} />
        </span>
        {row.tap !== "" && (
          <span className="lg:col-start-5 lg:row-start-1 lg:truncate lg:text-muted-foreground">
            <span className="lg:hidden"> · </span>
            <span translate="no">{row.tap}</span>
          </span>
        )}
        {reason !== "" && (
          <span className="lg:col-start-7 lg:row-start-1 lg:truncate lg:text-sm lg:text-muted-foreground">
            <span className="lg:hidden"> · </span>
            <span>{reason}</span>
          </span>
        )}
      </p>
      <span className="col-start-2 row-start-1 min-w-0 self-end lg:col-start-4 lg:self-center">
        {row.user_token === "" ? (
          <span className="font-semibold">{texts.log.unnamed}</span>
        ) : (
          <button
            type="button"
            tabIndex={tabIndex}
            aria-label={logTexts.onlyOf({ person: row.user_token })}
            onClick={() => onPerson(row.user_token)}
            className="relative -my-2.5 -ms-2 inline-block min-h-11 max-w-full min-w-11 truncate rounded-lg px-2 text-start align-middle font-semibold underline decoration-border decoration-2 underline-offset-4"
          >
            {row.user_token}
          </button>
        )}
      </span>
      <span className="col-start-3 row-start-1 self-end text-end lg:col-start-6 lg:self-center lg:pe-4">
        <ActivityAmount row={row} />
      </span>
    </div>
  );
});
