import { describe, expect, it } from "vitest";
import { activityKind, rowAmount, rowReason, toActivities } from "@/lib/activity";
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

  it("tells guests nothing of what the host did to a machine", () => {
    const rows = [
      aRow({ id: 3, request_id: "", purpose: "calibration" }),
      aRow({ id: 2, request_id: "cup", purpose: "calibrate" }),
      aRow({ id: 1, request_id: "a" }),
    ];
    expect(toActivities(rows).map(({ row }) => row.request_id)).toEqual(["a"]);
  });

  it("does not mix up rows of old logs that have no request id", () => {
    const rows = [aRow({ id: 2, request_id: "" }), aRow({ id: 1, request_id: "" })];
    expect(toActivities(rows)).toHaveLength(2);
  });

  it.each([
    ["started", "begun"],
    ["success", "success"],
    ["failed", "failed"],
  ] as const)("takes the original's word for it: %s is %s", (status, kind) => {
    expect(activityKind(aRow({ status, outcome: "unknown", request_id: "" }))).toBe(kind);
  });

  it.each([
    [
      { status: "success", outcome: "done", delivered_ml: 29.8 },
      { ml: "29.8", of: undefined },
    ],
    [
      { status: "success", outcome: "done" },
      { ml: "30", of: undefined },
    ],
    [{ status: "started" }, { ml: "30", of: undefined }],
    [
      { status: "failed", outcome: "refused" },
      { ml: "0", of: "30" },
    ],
    [
      { status: "failed", outcome: "partial", delivered_ml: 12 },
      { ml: "12", of: "30" },
    ],
    [
      { status: "failed", outcome: "unknown", ml_min: 0, ml_max: 32 },
      { ml: "0–32", of: "30" },
    ],
    [
      { status: "failed", outcome: "unknown", request_id: "" },
      { ml: "30", of: undefined },
    ],
  ] as const)("says of %o that %o came", (changes, amount) => {
    expect(rowAmount(aRow(changes))).toEqual(amount);
  });

  it("says why in our own words where it has them", () => {
    const reason = "Partial: the glass was lifted after 12 of 30 ml.";
    expect(rowReason(aRow({ reason, stop_reason: "glass_removed" }))).toMatch(/^The glass was/);
    expect(rowReason(aRow({ reason, stop_reason: "a_new_one" }))).toBe(reason);
    expect(rowReason(aRow({ stop_reason: "target_reached" }))).toBe("");
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
