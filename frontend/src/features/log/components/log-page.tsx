import { Download } from "lucide-react";
import { useSearchParams } from "wouter";
import { buttonVariants } from "@/components/ui/button";
import { LogFilters } from "@/features/log/components/log-filters";
import { LogHead } from "@/features/log/components/log-head";
import { LogList } from "@/features/log/components/log-list";
import { PourSheet } from "@/features/log/components/pour-sheet";
import { type LogHandle, useLog } from "@/features/log/hooks/use-log";
import { usePeople } from "@/features/log/hooks/use-people";
import {
  csvAddress,
  followsTime,
  type LogFilter,
  queryOf,
  readFilter,
  writeFilter,
} from "@/features/log/lib/log-filter";
import type { LogEntry } from "@/features/log/lib/log-model";
import { logTexts } from "@/features/log/texts";
import { useLive, useTapNames } from "@/hooks/use-live";
import { useMinute } from "@/hooks/use-now";
import { midnight } from "@/lib/day";
import { isStale } from "@/lib/live-state";

/** The whole log, live, of the pours that the address asks for. */
export default function LogPage() {
  const [address, setAddress] = useSearchParams();
  const now_ms = useMinute();
  const filter = readFilter(address);
  const log = useLog(filter, now_ms);
  // Nobody knows yet which hour or day that would be of.
  const timeless = now_ms === undefined && followsTime(filter);
  const csv = timeless ? undefined : csvAddress(queryOf(filter, now_ms ?? 0));
  const people = usePeople(
    log.log.entries,
    useLive((state) => state.log),
  );

  const change = (changes: Partial<LogFilter>) => {
    setAddress(writeFilter({ ...filter, ...changes }));
    window.scrollTo(0, 0);
  };
  const open = ({ row }: LogEntry) => {
    const to = writeFilter(filter);
    if (row.request_id === "") to.set("row", String(row.id));
    else to.set("pour", row.request_id);
    setAddress(to);
  };
  const close = () => setAddress(writeFilter(filter), { replace: true });

  return (
    <section aria-labelledby="log-title">
      <div className="flex flex-wrap items-center gap-x-4 pt-2 pb-3">
        <h2 id="log-title" className="text-2xl font-extrabold">
          {logTexts.title}
        </h2>
        <Count log={log} />
        <a
          href={csv}
          download="pourtocol-log.csv"
          title={logTexts.csvHint}
          aria-label={logTexts.csvHint}
          className={buttonVariants({ variant: "secondary", className: "ms-auto" })}
        >
          <Download className="size-5" aria-hidden />
          <span>{logTexts.csv}</span>
        </a>
      </div>
      <LogFilters filter={filter} taps={useTapNames()} people={people} onChange={change} />
      <LogHead />
      <LogList
        key={writeFilter(filter).toString()}
        log={log}
        filter={filter}
        day_ms={now_ms === undefined ? undefined : midnight(now_ms)}
        stale={useLive(isStale)}
        onOpen={open}
        onChange={change}
      />
      <PourSheet
        requestId={address.get("pour") || undefined}
        rowId={address.get("row") || undefined}
        onClose={close}
        onPerson={(user) => change({ user })}
      />
    </section>
  );
}

function Count({ log: { log, loaded } }: { log: LogHandle }) {
  const { length } = log.entries;
  if (!loaded) return null;
  return (
    <p data-part="count" className="text-muted-foreground">
      {log.ended ? logTexts.count({ count: length }) : logTexts.countSoFar({ count: length })}
    </p>
  );
}
