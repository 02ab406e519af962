import { useEffect } from "react";
import { useMinute } from "@/hooks/use-now";
import { formatClock } from "@/lib/format";

/** The time of day, to the minute, as the server has it; nothing before it has said so. */
export function useClock(): string {
  const now_ms = useMinute();
  return now_ms === undefined ? "" : formatClock(now_ms);
}

/** Keeps the screen on, where the browser lets a page ask for it. */
export function useWakeLock(): void {
  useEffect(() => {
    let released = false;
    let lock: WakeLockSentinel | undefined;
    // A browser takes the lock away from a hidden page, so it is asked for again.
    const ask = async () => {
      if (document.visibilityState !== "visible") return;
      const got = await navigator.wakeLock?.request("screen").catch(() => undefined);
      if (released) void got?.release();
      else lock = got;
    };
    void ask();
    document.addEventListener("visibilitychange", ask);
    return () => {
      released = true;
      document.removeEventListener("visibilitychange", ask);
      void lock?.release();
    };
  }, []);
}
