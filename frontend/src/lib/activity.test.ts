import { describe, expect, it } from "vitest";
import { activityKind, toActivities } from "@/lib/activity";
import { aRow } from "@/test/samples";

describe("the log as people read it", () => {
  it("has one entry per pour: its newest word, and when it began", () => {
    const rows = [
      aRow({ id: 4, request_id: "a", status: "success", outcome: "done", timestamp_ms: 4000 }),
      aRow({ id: 3, request_id: "b", status: "started", timestamp_ms: 3000 }),
      aRow({ id: 2, request_id: "a", status: "started", timestamp_ms: 2000 }),
    ];
    const activities = toActivities(rows);
    expect(activities.map(({ row }) => [row.request_id, row.status])).toEqual([
      ["b", "started"],
      ["a", "success"],
    ]);
    expect(activities[1]?.at_ms).toBe(2000);
  });

  it("does not mix up rows of old logs that have no request id", () => {
    const rows = [aRow({ id: 2, request_id: "" }), aRow({ id: 1, request_id: "" })];
    expect(toActivities(rows)).toHaveLength(2);
  });

  it.each([
    ["started", "sending", "started"],
    ["started", "accepted", "started"],
    ["started", "unclear", "checking"],
    ["success", "done", "success"],
    ["failed", "partial", "partial"],
    ["failed", "unknown", "unknown"],
    ["failed", "refused", "refused"],
    ["failed", "rejected", "refused"],
    ["failed", "not_sent", "failed"],
    ["failed", "not_poured", "failed"],
  ] as const)("calls %s/%s %s", (status, outcome, kind) => {
    expect(activityKind(aRow({ status, outcome }))).toBe(kind);
  });
});
