/** What the log asks of the server, one function per request. None throws. */

import { type LogQuery, logParameters } from "@/features/log/lib/log-filter";
import { ask } from "@/lib/api";
import { logRowsSchema, parseJson, wishAnswerSchema } from "@/lib/wire";
import type { LogRow } from "@/types/wire";

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
