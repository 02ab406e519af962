import { useCallback, useEffect, useReducer } from "react";
import { resumeTaps, stopTaps, type Wish } from "@/features/host/api";
import {
  hasFailed,
  nothingStopped,
  type Scope,
  type StopState,
  stopStep,
} from "@/features/host/lib/host-stop";
import { useLiveSource } from "@/hooks/use-live";
import { useHeldPage } from "@/hooks/use-newest-page";
import type { LiveState } from "@/lib/live-state";
import { watchLive } from "@/lib/live-watch";

export interface Stops {
  state: StopState;
  /** Sends a stop at once, whatever else is on its way: one too many does no harm. */
  stop: (scope: Scope) => void;
  /** Lifts the stops up to that number (`newestStop`), and none that was pressed since. */
  resume: (scope: Scope, stop: number) => Promise<Wish>;
}

export function useStops(): Stops {
  const source = useLiveSource();
  const [state, dispatch] = useReducer(stopStep, nothingStopped);
  useEffect(() => {
    const look = ({ link, taps }: Pick<LiveState, "link" | "taps">) => {
      const seen = { type: "taps_seen", taps } as const;
      // A dispatch draws the page anew even where it changes nothing.
      if (link === "live" && stopStep(state, seen) !== state) dispatch(seen);
    };
    return watchLive(source, ({ link, taps }) => ({ link, taps }), look);
  }, [source, state]);
  useHeldPage(state.asking.length > 0 || hasFailed(state));
  const stop = useCallback(async (scope: Scope) => {
    dispatch({ type: "pressed", scope });
    dispatch({ type: "answered", scope, told: await stopTaps(scope) });
  }, []);
  const resume = useCallback(async (scope: Scope, stop: number) => {
    const resumed = await resumeTaps(scope, stop);
    if (resumed.kind === "done") dispatch({ type: "resumed", scope });
    return resumed;
  }, []);
  return { state, stop, resume };
}
