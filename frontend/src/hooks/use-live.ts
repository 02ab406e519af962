import {
  createContext,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { LiveConnection } from "@/lib/live-connection";
import type { Link, LiveState } from "@/lib/live-state";
import { isSame, type LiveSource } from "@/lib/live-watch";
import type { Tap } from "@/types/wire";

/** Where the live state comes from: held by `App`, or by a test. */
export const LiveContext = createContext<LiveSource | undefined>(undefined);

/** The live stream, for as long as the page is shown. */
export function useLiveConnection(): LiveSource {
  const [connection] = useState(() => new LiveConnection());
  useEffect(() => {
    connection.start();
    return () => connection.stop();
  }, [connection]);
  return connection;
}

/** For what follows the state without drawing it. */
export function useLiveSource(): LiveSource {
  const source = useContext(LiveContext);
  if (!source) throw new Error("what is live stands within a LiveContext");
  return source;
}

/**
 * A part of the live state: drawn anew when that part is another one, and for nothing else. It may
 * be made anew at each look, as a list or a record of what is in the state.
 */
export function useLive<Selected>(select: (state: LiveState) => Selected): Selected {
  const source = useLiveSource();
  const last = useRef<{ selected: Selected }>(undefined);
  return useSyncExternalStore(source.subscribe, () => {
    const selected = select(source.getState());
    if (!last.current || !isSame(last.current.selected, selected)) last.current = { selected };
    return last.current.selected;
  });
}

export const useLink = (): Link => useLive(({ link }) => link);

/** The tap of that name, as it is now. */
export const useTap = (name: string | undefined): Tap | undefined =>
  useLive(({ taps }) => taps.find((tap) => tap.name === name));

export const useTapNames = (): readonly string[] =>
  useLive(({ taps }) => taps.map(({ name }) => name));
