import { ArrowUp, LoaderCircle } from "lucide-react";
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
} from "react";
import { Button } from "@/components/ui/button";
import { LogRowFace } from "@/features/log/components/log-row";
import type { LogHandle } from "@/features/log/hooks/use-log";
import { useLogWindow } from "@/features/log/hooks/use-log-window";
import { everything, isFiltered, type LogFilter } from "@/features/log/lib/log-filter";
import type { LogEntry } from "@/features/log/lib/log-model";
import { logTexts } from "@/features/log/texts";
import { reasonWords } from "@/lib/reason-words";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";

/** How far from the end the next page is fetched. */
const AHEAD_ROWS = 60;
/** How far PageUp and PageDown go. */
const LEAP_ROWS = 8;

interface LogListProps {
  log: LogHandle;
  filter: LogFilter;
  /** Midnight before now; nothing while nobody knows what day it is. */
  day_ms: number | undefined;
  stale: boolean;
  onOpen: (entry: LogEntry) => void;
  onChange: (changes: Partial<LogFilter>) => void;
}

/** The pours themselves; only those that are in the window are on the page. */
export function LogList({ log: handle, filter, day_ms, stale, onOpen, onChange }: LogListProps) {
  const { log, loaded, problem, loadMore } = handle;
  const view = useLogWindow(log.entries);
  const { shown, held, virtual, activeAt } = view;
  const rows = virtual.getVirtualItems();
  const words = logTexts;
  const last = rows.at(-1)?.index ?? 0;
  const nearEnd = last >= shown.length - AHEAD_ROWS;
  // Each page may bring fewer entries than are needed to fill the window.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page is a reason to look again
  useEffect(() => {
    if (loaded && nearEnd && !log.ended && !problem) loadMore();
  }, [loaded, nearEnd, log.ended, log.oldestId, problem, loadMore]);
  // Rows that stay as they are must not be drawn again because the page around them was.
  const latest = useRef({ onOpen, onChange });
  useLayoutEffect(() => {
    latest.current = { onOpen, onChange };
  });
  const open = useCallback((entry: LogEntry) => latest.current.onOpen(entry), []);
  const onPerson = useCallback((user: string) => latest.current.onChange({ user }), []);

  return (
    <>
      {held > 0 && (
        <div className="pointer-events-none sticky top-3 z-10 flex h-0 items-start justify-center md:top-24">
          <Button
            aria-label={`${words.fresh({ count: held })}. ${words.freshHint}`}
            onClick={() => window.scrollTo(0, 0)}
            className="pointer-events-auto animate-appear shadow-lg shadow-(color:--shadow)"
          >
            <ArrowUp className="size-5" aria-hidden />
            <span>{words.fresh({ count: held })}</span>
          </Button>
        </div>
      )}
      <div className="relative">
        <div ref={view.ruler} className="invisible absolute h-18 w-0 lg:h-13" aria-hidden />
      </div>
      <div
        ref={view.list}
        className={cn("relative transition-[filter] duration-300", stale && "grayscale")}
        style={{ height: virtual.getTotalSize() }}
      >
        {shown.length > 0 && (
          <div
            role="feed"
            aria-label={logTexts.title}
            onKeyDown={(event) => steer(event, activeAt, shown.length, view.moveTo)}
          >
            {rows.map(({ index, start, key }) => {
              const entry = shown[index];
              return (
                entry && (
                  <article
                    key={key}
                    data-index={index}
                    data-key={entry.key}
                    data-status={entry.row.status}
                    aria-posinset={index + 1}
                    aria-setsize={log.ended ? shown.length : -1}
                    onFocus={() => view.setActiveKey(entry.key)}
                    className="absolute inset-x-0 top-0"
                    style={{ height: view.height, transform: `translateY(${start - view.top}px)` }}
                  >
                    <LogRowFace
                      entry={entry}
                      day_ms={day_ms}
                      reachable={index === activeAt}
                      onOpen={open}
                      onPerson={onPerson}
                    />
                  </article>
                )
              );
            })}
          </div>
        )}
      </div>
      <ListEnd log={handle} filter={filter} onChange={onChange} />
    </>
  );
}

/** The arrow keys go from row to row; Home and End to the newest and the oldest that is loaded. */
function steer(
  event: KeyboardEvent,
  at: number,
  count: number,
  moveTo: (index: number) => void,
): void {
  const to: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + LEAP_ROWS,
    PageUp: at - LEAP_ROWS,
    Home: 0,
    End: count - 1,
  };
  const index = to[event.key];
  if (index === undefined) return;
  event.preventDefault();
  moveTo(index);
}

/** What stands where the pours end: that there are no more, or more to come, or a failure. */
function ListEnd({
  log: handle,
  filter,
  onChange,
}: Pick<LogListProps, "log" | "filter" | "onChange">) {
  const { log, loaded, problem, loadMore } = handle;
  if (problem) {
    return (
      <Place role="alert">
        <p>{problem.code === null ? logTexts.failed : reasonWords(problem.code, problem.reason)}</p>
        <Button onClick={loadMore}>{logTexts.retry}</Button>
      </Place>
    );
  }
  if (!log.ended) {
    return (
      <Place>
        <LoaderCircle className="size-6 animate-spin" aria-hidden />
        <p>{loaded ? logTexts.more : texts.log.loading}</p>
      </Place>
    );
  }
  if (log.entries.length > 0) return <Place>{logTexts.oldest}</Place>;
  if (!isFiltered(filter)) return <Place>{texts.log.empty}</Place>;
  return (
    <Place>
      <p>{logTexts.noneMatch}</p>
      <Button onClick={() => onChange(everything)}>{logTexts.showAll}</Button>
    </Place>
  );
}

function Place({ role = "status", children }: { role?: "status" | "alert"; children: ReactNode }) {
  return (
    <div
      role={role}
      className="flex flex-col items-center gap-3 p-8 text-center text-balance text-muted-foreground"
    >
      {children}
    </div>
  );
}
