/** The log as people read it: one entry per pour. Pure. */
import type { LogRow } from "@/types/wire";

export interface Activity {
  /** The newest row of the pour: how it stands. */
  row: LogRow;
  /** When its first row that we have was written, unix ms. */
  at_ms: number;
}

/**
 * The log holds a row for every step of a pour. This keeps the newest of each and its place by when
 * the pour began, newest pour first. `rows` are newest first.
 */
export function toActivities(rows: readonly LogRow[]): Activity[] {
  const byPour = new Map<string, Activity & { firstId: number }>();
  for (const row of rows) {
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
  | "success"
  | "partial"
  | "refused"
  | "failed"
  | "unknown";

export function activityKind({ status, outcome }: LogRow): ActivityKind {
  if (status === "success") return "success";
  if (status === "started") return outcome === "unclear" ? "checking" : "started";
  if (outcome === "partial" || outcome === "unknown") return outcome;
  return outcome === "refused" || outcome === "rejected" ? "refused" : "failed";
}
