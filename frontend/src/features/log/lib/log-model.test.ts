import { describe, expect, it } from "vitest";
import {
  countAfter,
  emptyLog,
  type LogModel,
  leftBehind,
  withNewer,
  withOlder,
  withOutcome,
  withoutBefore,
} from "@/features/log/lib/log-model";
import { aRow } from "@/test/samples";
import type { LogRow } from "@/types/wire";

const begun = (id: number, request_id: string): LogRow =>
  aRow({ id, request_id, timestamp_ms: id * 1000 });
const ended = (id: number, request_id: string, changes: Partial<LogRow> = {}): LogRow =>
  aRow({
    id,
    request_id,
    timestamp_ms: id * 1000,
    status: "success",
    outcome: "done",
    ...changes,
  });

const shown = ({ entries }: LogModel) =>
  entries.map(({ key, place, row }) => `${key}@${place}:${row.id}`);

describe("pages of the log", () => {
  it("become one entry per pour, where it began", () => {
    const rows = [ended(4, "a"), begun(3, "b"), ended(2, "z"), begun(1, "a")];
    expect(shown(withOlder(emptyLog({}), rows, true))).toEqual(["b@3:3", "z@2:2", "a@1:4"]);
  });

  it("hold a pour back until the page with its beginning has come", () => {
    const first = withOlder(emptyLog({}), [ended(6, "b"), begun(5, "c"), ended(4, "a")], false);
    expect(shown(first)).toEqual(["c@5:5"]);
    const second = withOlder(first, [begun(3, "b"), begun(2, "a"), begun(1, "d")], true);
    expect(shown(second)).toEqual(["c@5:5", "b@3:6", "a@2:4", "d@1:1"]);
  });

  it("never move an entry that is shown", () => {
    const rows = Array.from({ length: 60 }, (_, i) => {
      const pour = String(Math.floor(i / 4) * 2 + (i % 2));
      return i % 4 < 2 ? begun(i + 1, pour) : ended(i + 1, pour);
    }).reverse();
    let log = emptyLog({});
    for (let at = 0; at < rows.length; at += 7) {
      const before = shown(log);
      log = withOlder(log, rows.slice(at, at + 7), at + 7 >= rows.length);
      expect(shown(log).slice(0, before.length)).toEqual(before);
    }
    expect(log.entries).toHaveLength(30);
    expect(new Set(log.entries.map(({ key }) => key)).size).toBe(30);
  });

  it("take each row once, though a page is fetched twice", () => {
    const page = [ended(4, "a"), begun(3, "a")];
    const log = withOlder(withOlder(emptyLog({}), page, false), page, true);
    expect(shown(log)).toEqual(["a@3:4"]);
  });

  it("show at the end what began before the span that is asked for", () => {
    const log = withOlder(emptyLog({ since: 4 }), [begun(5, "b"), ended(4, "a")], true);
    expect(shown(log)).toEqual(["b@5:5", "a@4:4"]);
  });

  it("do not wait for beginnings that are not asked for", () => {
    const rows = [ended(4, "a"), ended(2, "b")];
    const log = withOlder(emptyLog({ status: "success" }), rows, false);
    expect(shown(log)).toEqual(["a@4:4", "b@2:2"]);
  });

  it("count a pour once that failed twice in the log", () => {
    const failed = { status: "failed", outcome: "unknown" } as const;
    const rows = [ended(9, "a", { ...failed, outcome: "partial" }), ended(4, "a", failed)];
    const log = withOlder(emptyLog({ status: "failed" }), rows, true);
    expect(shown(log)).toEqual(["a@9:9"]);
  });

  it("keep rows of the original apart, which have no request id", () => {
    const rows = [begun(2, ""), begun(1, "")];
    expect(shown(withOlder(emptyLog({}), rows, true))).toEqual(["row 2@2:2", "row 1@1:1"]);
  });
});

describe("rows that come while one reads", () => {
  const page = withOlder(emptyLog({}), [begun(3, "b"), ended(2, "a"), begun(1, "a")], true);

  it("begin a new entry on top, and go on with an old one in its place", () => {
    const log = withNewer(page, [begun(4, "c"), ended(5, "b")], 5);
    expect(shown(log)).toEqual(["c@4:4", "b@3:5", "a@1:2"]);
  });

  it("count once, however often and in whatever order they come", () => {
    const once = withNewer(page, [ended(5, "b"), begun(4, "c")], 5);
    expect(shown(withNewer(once, [begun(4, "c"), ended(5, "b")], 5))).toEqual(shown(once));
    expect(withNewer(once, [begun(4, "c")], 5)).toBe(once);
  });

  it("complete a pour that still waits for its beginning", () => {
    const first = withOlder(emptyLog({}), [ended(6, "a", { status: "failed" })], false);
    const log = withOlder(withNewer(first, [ended(7, "a")], 7), [begun(1, "a")], true);
    expect(shown(log)).toEqual(["a@1:7"]);
  });

  it("stay out when the query does not let them through", () => {
    const gin = withOlder(emptyLog({ tap: "gin" }), [], true);
    const log = withNewer(gin, [begun(4, "c"), { ...begun(5, "d"), tap: "gin" }], 5);
    expect(shown(log)).toEqual(["d@5:5"]);
    expect(log.newestId).toBe(5);
  });

  it("take an entry away that is no longer of the wanted kind", () => {
    const failed = { status: "failed", outcome: "unknown" } as const;
    const log = withOlder(emptyLog({ status: "failed" }), [ended(2, "a", failed)], true);
    expect(shown(withNewer(log, [ended(3, "a")], 3))).toEqual([]);
  });

  it("settle a pour that began before the end of the span", () => {
    const log = withOlder(emptyLog({ until: 4 }), [begun(3, "b")], true);
    expect(shown(withNewer(log, [ended(5, "b"), begun(6, "c")], 6))).toEqual(["b@3:5"]);
  });
});

it("drops what has become too old, and only that", () => {
  const rows = [begun(9, "c"), ended(5, "b"), begun(4, "b"), begun(2, "a")];
  const log = withOlder(emptyLog({ since: 1 }), rows, true);
  expect(shown(withoutBefore(log, 5))).toEqual(["c@9:9", "b@4:5"]);
  expect(withoutBefore(log, 1)).toBe(log);
});

it("finds pours that only look as if they went on", () => {
  const rows = [begun(4, "c"), begun(3, "b"), begun(2, "")];
  const log = withOlder(emptyLog({ until: 5 }), rows, true);
  expect(leftBehind(log, new Set(["c"])).map(({ key }) => key)).toEqual(["b"]);
  expect(leftBehind(withOlder(emptyLog({}), rows, true), new Set())).toEqual([]);
  expect(withOutcome(log, "b", { status: "success" }).entries[1]?.row.status).toBe("success");
});

it("counts what has come since", () => {
  const { entries } = withOlder(emptyLog({}), [begun(9, "c"), begun(5, "b"), begun(2, "a")], true);
  expect([countAfter(entries, 9), countAfter(entries, 5), countAfter(entries, 1)]).toEqual([
    0, 1, 3,
  ]);
});
