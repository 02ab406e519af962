import { useEffect, useState } from "react";

const MINUTE_MS = 60_000;

/**
 * The time, unix ms, as of the last full minute or the last return to the page: a phone's timers
 * stand still while it sleeps.
 */
export function useMinute(): number {
  const [now_ms, setNow] = useState(() => Date.now());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      clearTimeout(timer);
      setNow(Date.now());
      timer = setTimeout(tick, MINUTE_MS - (Date.now() % MINUTE_MS));
    };
    timer = setTimeout(tick, MINUTE_MS - (Date.now() % MINUTE_MS));
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, []);
  return now_ms;
}
