import { memo } from "react";
import { ActivityAmount, ActivitySign, ActivityWord } from "@/components/activity/activity-parts";
import { activityKind, rowAmount, rowReason } from "@/lib/activity";
import { midnight } from "@/lib/day";
import { formatClock, formatMoment } from "@/lib/format";
import type { LogEntry } from "@/lib/log-model";
import { texts } from "@/lib/texts";
import { viewTexts } from "@/lib/texts/views";

/** When a pour began: its day too, unless it was today. */
function timeWords(at_ms: number): string {
  if (at_ms === 0) return viewTexts.wholeLog.unknownTime;
  return at_ms >= midnight(Date.now()) ? formatClock(at_ms) : formatMoment(at_ms);
}

/** The whole row in one breath, for those who hear it. */
function spoken({ row, at_ms }: LogEntry): string {
  const { ml, of } = rowAmount(row);
  const amount = `${ml} ${of === undefined ? texts.amount.unit : texts.log.outOf(of)}`;
  const word = texts.log.status[activityKind(row)];
  return [row.user_token || texts.log.unnamed, amount, word, row.tap, timeWords(at_ms)]
    .filter((part) => part !== "")
    .join(", ");
}

interface LogRowFaceProps {
  entry: LogEntry;
  /** The row that Tab reaches; the arrow keys go from it to the others. */
  reachable: boolean;
  onOpen: (entry: LogEntry) => void;
  onPerson: (person: string) => void;
}

/** One pour of the long log: two lines on a phone, one on a desk, always of the same height. */
export const LogRowFace = memo(function LogRowFace(props: LogRowFaceProps) {
  const { entry, reachable, onOpen, onPerson } = props;
  const { row, at_ms } = entry;
  const reason = rowReason(row);
  const tabIndex = reachable ? 0 : -1;
  return (
    <div className="relative grid h-full grid-cols-[auto_minmax(0,1fr)_auto] grid-rows-2 items-center gap-x-3 border-b py-1.5 hover:bg-card md:grid-cols-[9rem_auto_7.5rem_minmax(0,1fr)_minmax(0,7rem)_8.5rem_minmax(0,1.6fr)] md:grid-rows-1 md:py-0 md:ps-2">
      <button
        type="button"
        tabIndex={tabIndex}
        data-open
        aria-label={viewTexts.wholeLog.open(spoken(entry))}
        onClick={() => onOpen(entry)}
        className="absolute inset-0 rounded-lg"
      />
      <time
        dateTime={new Date(at_ms).toISOString()}
        className="col-start-3 row-start-2 self-start text-end text-sm text-muted-foreground md:col-start-1 md:row-start-1 md:self-center md:text-start"
      >
        {timeWords(at_ms)}
      </time>
      <span className="col-start-1 row-span-2 row-start-1 md:col-start-2 md:row-span-1">
        <ActivitySign row={row} />
      </span>
      <p className="col-start-2 row-start-2 self-start truncate text-sm text-muted-foreground md:contents">
        <span className="md:col-start-3 md:row-start-1 md:truncate">
          <ActivityWord row={row} />
        </span>
        {row.tap !== "" && (
          <span className="md:col-start-5 md:row-start-1 md:truncate md:text-muted-foreground">
            <span className="md:hidden"> · </span>
            {row.tap}
          </span>
        )}
        {reason !== "" && (
          <span className="md:col-start-7 md:row-start-1 md:truncate md:text-sm md:text-muted-foreground">
            <span className="md:hidden"> · </span>
            {reason}
          </span>
        )}
      </p>
      <span className="col-start-2 row-start-1 min-w-0 self-end md:col-start-4 md:self-center">
        {row.user_token === "" ? (
          <span className="font-semibold">{texts.log.unnamed}</span>
        ) : (
          <button
            type="button"
            tabIndex={tabIndex}
            aria-label={viewTexts.wholeLog.onlyOf(row.user_token)}
            onClick={() => onPerson(row.user_token)}
            className="relative -my-2.5 -ms-2 inline-block min-h-11 max-w-full min-w-11 truncate rounded-lg px-2 text-start align-middle font-semibold underline decoration-border decoration-2 underline-offset-4"
          >
            {row.user_token}
          </button>
        )}
      </span>
      <span className="col-start-3 row-start-1 self-end text-end md:col-start-6 md:self-center md:pe-4">
        <ActivityAmount row={row} />
      </span>
    </div>
  );
});
