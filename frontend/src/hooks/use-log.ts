import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { LiveState } from "@/lib/live-state";
import { type LogFilter, queryOf } from "@/lib/log-filter";
import { LogStore, type LogStoreState } from "@/lib/log-store";

export interface LogHandle extends LogStoreState {
  loadMore: () => void;
}

/** The long log as that filter shows it, kept up to date. `now_ms` moves a span that follows it. */
export function useLog(filter: LogFilter, live: LiveState, now_ms: number): LogHandle {
  const key = JSON.stringify(filter);
  // The key says all that the filter does; a later `now_ms` only cuts off what has become too old.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const store = useMemo(() => new LogStore(queryOf(filter, now_ms)), [key]);
  const { link, lastLogId, freshRows, taps } = live;
  useEffect(() => {
    store.hear({ link, lastLogId, freshRows, taps });
  }, [store, link, lastLogId, freshRows, taps]);
  useEffect(() => {
    store.start();
    return () => store.stop();
  }, [store]);
  const { since } = queryOf(filter, now_ms);
  useEffect(() => store.keepSince(since), [store, since]);
  const state = useSyncExternalStore(store.subscribe, store.getState);
  return { ...state, loadMore: store.loadMore };
}
