/** The log as people read it: one entry per pour. Pure. */

import { formatMl } from "@/lib/format";
import { reasonWords, stopWords } from "@/lib/reason-words";
import { texts } from "@/lib/texts";
import type { LogRow } from "@/types/wire";

export interface Activity {
  /** The newest row of the pour: how it stands. */
  row: LogRow;
  /** When its first row that we have was written, unix ms. */
  at_ms: number;
}

/**
 * The log holds a row for every step of a pour. This keeps the newest of each and its place by when
 * the pour began, newest pour first. `rows` are newest first. What the host did to a machine is
 * nobody's pour.
 */
export function toActivities(rows: readonly LogRow[]): Activity[] {
  const byPour = new Map<string, Activity & { firstId: number }>();
  for (const row of rows) {
    if (row.purpose !== "pour") continue;
    const key = row.request_id === "" ? `row ${row.id}` : row.request_id;
    const newest = byPour.get(key);
    if (newest) {
      newest.at_ms = row.timestamp_ms;
      newest.firstId = row.id;
    } else {
      byPour.set(key, { row, at_ms: row.timestamp_ms, firstId: row.id });
    }
  }
  return [...byPour.values()]
    .sort((a, b) => b.firstId - a.firstId)
    .map(({ row, at_ms }) => ({ row, at_ms }));
}

export type ActivityKind =
  | "started"
  | "checking"
  | "begun"
  | "success"
  | "partial"
  | "refused"
  | "failed"
  | "unknown";

/** What of a row tells how its pour stands. */
export type Standing = Pick<LogRow, "status" | "outcome" | "request_id">;

export function activityKind({ status, outcome, request_id }: Standing): ActivityKind {
  if (status === "success") return "success";
  // Rows of the original's log say no more than their status, and are the pour's own end.
  if (request_id === "") return status === "started" ? "begun" : "failed";
  if (status === "started") return outcome === "unclear" ? "checking" : "started";
  if (outcome === "partial" || outcome === "unknown") return outcome;
  return outcome === "refused" || outcome === "rejected" ? "refused" : "failed";
}

/** What flowed, as far as it is known; nothing where it is simply what was asked for. */
function flowed(row: LogRow, kind: ActivityKind): string | undefined {
  const { delivered_ml, ml_min, ml_max } = row;
  if (kind === "started" || kind === "checking" || kind === "begun") return undefined;
  if (kind === "refused" || (kind === "failed" && row.request_id !== "")) return formatMl(0);
  if (delivered_ml !== null) return formatMl(delivered_ml);
  if (kind === "success" || ml_min === null || ml_max === null) return undefined;
  return texts.log.between({ least: formatMl(ml_min), most: formatMl(ml_max) });
}

/** The millilitres of a row: what came, and beside it what was asked for where that differs. */
export function rowAmount(row: LogRow): { ml: string; of: string | undefined } {
  const kind = activityKind(row);
  const came = flowed(row, kind);
  const asked = formatMl(row.amount_ml);
  return came === undefined || kind === "success"
    ? { ml: came ?? asked, of: undefined }
    : { ml: came, of: asked };
}

/** Why a pour did not go as wanted; empty when there is nothing to say. */
export function rowReason({ stop_reason, code, reason }: LogRow): string {
  if (!reason) return "";
  return stopWords(stop_reason) ?? reasonWords(code, reason);
}
