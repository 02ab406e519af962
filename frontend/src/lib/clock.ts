/**
 * What time it is. The only place that asks this phone's own clock, which may be days off, or stand
 * in 1970: "now" is the server's, as the live stream tells it, and goes on from there by a clock
 * that nobody sets. The log is written by the same clock, so "today" means the same to both.
 */

/** Below this a difference is how long the message took, and no other time. */
const STEP_MIN_MS = 1000;

/** What is added to the clock that nobody sets; nothing before the server's first word. */
let offset_ms: number | undefined;
const listeners = new Set<() => void>();

/** A clock for spans: it only goes forward, from anywhere. */
export const monotonicNow = (): number => performance.now();

/** The time, unix ms, as the server has it; nothing before it has said so. */
export const now = (): number | undefined =>
  offset_ms === undefined ? undefined : monotonicNow() + offset_ms;

/**
 * This phone's own clock, right or wrong: only to tell over a reload of the page how long something
 * was ago, and never to be shown.
 */
export const phoneNow = (): number => Date.now();

/** The server says that it is `unix_s`, seconds. */
export function hearTime(unix_s: number): void {
  const heard_ms = unix_s * 1000 - monotonicNow();
  if (offset_ms !== undefined && Math.abs(heard_ms - offset_ms) < STEP_MIN_MS) return;
  offset_ms = heard_ms;
  for (const listener of listeners) listener();
}

/** Tells when the time has become known, or another one. */
export function watchTime(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** As before the server's first word: for tests, which share one page. */
export function forgetTime(): void {
  offset_ms = undefined;
}
