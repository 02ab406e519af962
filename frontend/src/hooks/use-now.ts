import { useSyncExternalStore } from "react";
import { now, watchTime } from "@/lib/clock";

const MINUTE_MS = 60_000;

const minute = (): number | undefined => {
  const now_ms = now();
  return now_ms === undefined ? undefined : Math.floor(now_ms / MINUTE_MS) * MINUTE_MS;
};

/** Also upon each return to the page: a phone's timers stand still while it sleeps. */
function watchMinutes(listener: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(look, MINUTE_MS - ((now() ?? 0) % MINUTE_MS));
    listener();
  };
  timer = setTimeout(look, MINUTE_MS - ((now() ?? 0) % MINUTE_MS));
  const unwatch = watchTime(look);
  document.addEventListener("visibilitychange", look);
  return () => {
    clearTimeout(timer);
    unwatch();
    document.removeEventListener("visibilitychange", look);
  };
}

/** The full minute by the server's clock, unix ms; nothing before the server has said its time. */
export const useMinute = (): number | undefined => useSyncExternalStore(watchMinutes, minute);
