import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { followsTime, type LogFilter, queryOf } from "@/features/log/lib/log-filter";
import { LogStore, type LogStoreState } from "@/features/log/lib/log-store";
import { useLiveSource } from "@/hooks/use-live";
import { watchLive } from "@/lib/live-watch";

export interface LogHandle extends LogStoreState {
  loadMore: () => void;
}

/**
 * The long log as that filter shows it, kept up to date. `now_ms` moves a span that follows it;
 * while it is not known, such a span is waited for.
 */
export function useLog(filter: LogFilter, now_ms: number | undefined): LogHandle {
  const source = useLiveSource();
  const waits = now_ms === undefined && followsTime(filter);
  const query = queryOf(filter, now_ms ?? 0);
  const key = `${JSON.stringify(filter)} ${waits}`;
  const [begun, setBegun] = useState({ key, query });
  const store = useMemo(() => new LogStore(begun.query), [begun]);
  const state = useSyncExternalStore(store.subscribe, store.getState);
  // A later beginning only cuts off what has become too old; an earlier one, as when the clock was
  // put right, lets in what was never fetched.
  const { since = 0 } = query;
  const { since: kept = 0 } = state.log.query;
  if (begun.key !== key || since < kept) setBegun({ key, query });
  useEffect(
    () =>
      watchLive(
        source,
        ({ link, lastLogId, freshRows, taps }) => ({ link, lastLogId, freshRows, taps }),
        (heard) => store.hear(heard),
      ),
    [store, source],
  );
  useEffect(() => {
    if (waits) return;
    store.start();
    return () => store.stop();
  }, [store, waits]);
  useEffect(() => store.keepSince(since), [store, since]);
  return { ...state, loadMore: store.loadMore };
}
