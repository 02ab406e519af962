/**
 * Until when the server may take what is pressed, by its own clock: what a phone sends may arrive
 * half a minute later, when nobody stands there any more. The live stream tells how long the server
 * has been up, and a clock that nobody sets tells how long ago that was.
 */
import { monotonicNow } from "@/lib/clock";

/** As orders and resumes carry it: for that run of the server only. */
export interface Deadline {
  server_id: string;
  expires_ms: number;
}

/** The words that came quickest tell best; old ones go, for no two clocks run alike. */
const WORDS_KEPT = 12;

let server = "";
/** What each word adds to this phone's clock: too little by as long as it was under way. */
let offsets: number[] = [];

/** That run of the server says how long it has lasted. */
export function hearUptime(server_id: string, uptime_ms: number): void {
  if (server !== server_id) offsets = [];
  server = server_id;
  offsets = [...offsets, uptime_ms - monotonicNow()].slice(-WORDS_KEPT);
}

/** That long from now; nothing before the server has said how late it is there. */
export function deadlineIn(ms: number): Deadline | undefined {
  if (offsets.length === 0) return undefined;
  const uptime_ms = monotonicNow() + Math.max(...offsets);
  return { server_id: server, expires_ms: Math.floor(uptime_ms + ms) };
}

/** As before the server's first word: for tests, which share one page. */
export function forgetUptime(): void {
  offsets = [];
}
