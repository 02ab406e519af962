import { useEffect, useState, useSyncExternalStore } from "react";
import { LiveConnection } from "@/lib/live-connection";
import type { LiveState } from "@/lib/live-state";

/** The machine as it is now, for as long as the page is shown. */
export function useLive(): LiveState {
  const [connection] = useState(() => new LiveConnection());
  useEffect(() => {
    connection.start();
    return () => connection.stop();
  }, [connection]);
  return useSyncExternalStore(connection.subscribe, connection.getState);
}
