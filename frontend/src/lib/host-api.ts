/** What only a host asks of the server, one function per request. None throws. */
import { type Answer, ask, post } from "@/lib/api";
import { deadlineIn } from "@/lib/deadline";
import { type LogQuery, logParameters } from "@/lib/log-filter";
import {
  logRowsSchema,
  parseJson,
  stopAnswerSchema,
  totalsSchema,
  whySchema,
  wishAnswerSchema,
} from "@/lib/wire";
import type { LogRow, TapStop, Totals, Why } from "@/types/wire";

/** What came of telling machines to stop. */
export type StopTold =
  | { kind: "told"; taps: readonly TapStop[] }
  /** The server said no, or not wholly yes; perhaps with what the machines said. */
  | { kind: "refused"; code: string; reason: string; taps: readonly TapStop[] }
  /** No answer of our server: nobody knows whether it was heard. */
  | { kind: "lost" };

/** Stops that tap, or all of them, until they are resumed. */
export async function stopTaps(tap?: string): Promise<StopTold> {
  const answer = await post("/api/stop", tap === undefined ? {} : { tap });
  const parsed = answer && parseJson(stopAnswerSchema, answer.body);
  if (!parsed) return { kind: "lost" };
  if (parsed.success) return { kind: "told", taps: parsed.taps };
  return { kind: "refused", code: parsed.code, reason: parsed.reason, taps: parsed.taps ?? [] };
}

/** What came of a wish that either comes true or is refused. */
export type Wish =
  | { kind: "done" }
  | { kind: "refused"; code: string; reason: string }
  | { kind: "lost" };

function wishOf(answer: Answer | undefined): Wish {
  const parsed = answer && parseJson(wishAnswerSchema, answer.body);
  if (!parsed) return { kind: "lost" };
  return parsed.success
    ? { kind: "done" }
    : { kind: "refused", code: parsed.code, reason: parsed.reason };
}

/** What is under way for longer is void: nobody waits for it any more. */
const WISH_MAX_MS = 8000;

/**
 * Lets that tap, or all of them, pour again: lifts the stops up to that number, and none that
 * somebody has pressed since.
 */
export async function resumeTaps(tap: string | undefined, stop: number): Promise<Wish> {
  const wish = { ...(tap !== undefined && { tap }), stop, ...deadlineIn(WISH_MAX_MS) };
  return wishOf(await post("/api/resume", wish));
}

/** Every interlock of that tap as it is now; nothing if the server did not answer. */
export async function fetchWhy(tap: string): Promise<Why | undefined> {
  const answer = await ask(`/api/why?tap=${encodeURIComponent(tap)}`);
  return answer?.status === 200 ? parseJson(whySchema, answer.body) : undefined;
}

/** Makes the machine that says it is `machineId` (null: it says nothing) that tap's own. */
export async function takeOverMachine(tap: string, machineId: string | null): Promise<Wish> {
  const wish = {
    action: "adopt",
    ...(machineId !== null && { machine_id: machineId }),
    ...deadlineIn(WISH_MAX_MS),
  };
  return wishOf(await post(`/api/taps/${encodeURIComponent(tap)}/machine`, wish));
}

/** What every tap has poured since that moment (unix seconds). */
export async function fetchTotals(since_s: number): Promise<Totals | undefined> {
  const answer = await ask(`/api/totals?since=${since_s}`);
  return answer?.status === 200 ? parseJson(totalsSchema, answer.body) : undefined;
}

/** Which part of the log: the newest `limit` rows of those between the two ids. */
export interface LogPage {
  limit: number;
  beforeId?: number | undefined;
  afterId?: number | undefined;
}

export type LogPageAnswer =
  | { kind: "rows"; rows: readonly LogRow[] }
  | { kind: "refused"; code: string; reason: string }
  | { kind: "lost" };

/** Rows of the log that the query lets through, newest first. */
export async function fetchLogPage(query: LogQuery, page: LogPage): Promise<LogPageAnswer> {
  const parameters = logParameters(query);
  parameters.set("limit", String(page.limit));
  if (page.beforeId !== undefined) parameters.set("before_id", String(page.beforeId));
  if (page.afterId !== undefined) parameters.set("after_id", String(page.afterId));
  const answer = await ask(`/api/logs?${parameters}`);
  if (!answer) return { kind: "lost" };
  const rows = answer.status === 200 ? parseJson(logRowsSchema, answer.body) : undefined;
  if (rows) return { kind: "rows", rows };
  const refusal = parseJson(wishAnswerSchema, answer.body);
  if (!refusal || refusal.success) return { kind: "lost" };
  return { kind: "refused", code: refusal.code, reason: refusal.reason };
}

export type RowLookUp = { kind: "found"; row: LogRow } | { kind: "not_found" } | { kind: "lost" };

/** The row of that number, as an address names it. */
export async function fetchRow(id: string): Promise<RowLookUp> {
  if (!/^[1-9]\d{0,14}$/.test(id)) return { kind: "not_found" };
  const answer = await fetchLogPage({}, { limit: 1, beforeId: Number(id) + 1 });
  if (answer.kind !== "rows") return { kind: "lost" };
  const row = answer.rows.find((other) => other.id === Number(id));
  return row ? { kind: "found", row } : { kind: "not_found" };
}
