import { describe, expect, it } from "vitest";
import {
  csvAddress,
  everything,
  type LogFilter,
  lets,
  queryOf,
  readFilter,
  writeFilter,
} from "@/features/log/lib/log-filter";
import { midnight } from "@/lib/day";
import { aRow } from "@/test/samples";

const now_ms = new Date(2026, 10, 22, 16, 5, 30).getTime();
const minute = Date.UTC(2026, 10, 22, 15, 5);

describe("the filter in the address", () => {
  const filters: Partial<LogFilter>[] = [
    {},
    { tap: "gin", user: "Ada & Bob=?", status: "failed", time: "hour" },
    { time: "span", from: minute, to: minute + 3_600_000 },
    { time: "span", to: minute },
  ];
  it.each(filters)("comes back as it was written: %o", (changes) => {
    const filter = { ...everything, ...changes };
    expect(readFilter(new URLSearchParams(writeFilter(filter).toString()))).toEqual(filter);
  });

  it("is not written where everything is shown", () => {
    expect(writeFilter(everything).toString()).toBe("");
  });

  it.each([
    "status=nonsense&time=never",
    "tap=&user=",
    "from=2026-11-22T15:05Z",
    "time=all&to=yesterday",
  ])("shows everything for what nobody could mean: %s", (address) => {
    expect(readFilter(new URLSearchParams(address))).toEqual(everything);
  });

  it("leaves a side open that is no time", () => {
    const address = new URLSearchParams("time=span&from=2026-99-99T15:05Z&to=2026-11-22T15:05Z");
    expect(readFilter(address)).toEqual({ ...everything, time: "span", to: minute });
  });
});

describe("what the server is asked", () => {
  it.each([
    [{}, {}],
    [{ status: "poured" }, { status: "success" }],
    [
      { tap: "gin", user: "Ada", status: "failed" },
      { tap: "gin", user: "Ada", status: "failed" },
    ],
    [{ time: "hour" }, { since: new Date(2026, 10, 22, 15, 5).getTime() / 1000 }],
    [{ time: "today" }, { since: new Date(2026, 10, 22).getTime() / 1000 }],
    [{ time: "yesterday" }, { since: new Date(2026, 10, 21).getTime() / 1000 }],
    [
      { time: "span", from: minute, to: minute + 60_000 },
      { since: minute / 1000, until: minute / 1000 + 60 },
    ],
  ] as const)("for %o is %o", (changes, query) => {
    expect(queryOf({ ...everything, ...changes }, now_ms)).toEqual(query);
  });

  it("is the same for the table to download", () => {
    expect(csvAddress({ user: "Ada & Bob", since: 5 })).toBe(
      "/api/logs?user=Ada+%26+Bob&since=5&format=csv",
    );
  });
});

describe("whether a row belongs", () => {
  it.each([
    [{}, true],
    [{ tap: "main" }, true],
    [{ tap: "gin" }, false],
    [{ user: "ada" }, false],
    [{ status: "success" }, false],
    [{ since: 1_790_000_000 }, true],
    [{ since: 1_790_000_001 }, false],
    [{ until: 1_790_000_000 }, false],
    [{ until: 1_790_000_001 }, true],
  ] as const)("%o: %s", (query, belongs) => {
    expect(lets(query, aRow())).toBe(belongs);
  });

  it("has no place in any span when its time is not known", () => {
    const row = aRow({ timestamp_ms: 0 });
    expect([lets({}, row), lets({ until: 5 }, row), lets({ since: 0 }, row)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

it("knows midnight, also of days that have no 24 hours", () => {
  for (let day = 0; day < 366; day += 1) {
    const noon = new Date(2026, 0, 1 + day, 12).getTime();
    expect(midnight(noon)).toBe(new Date(2026, 0, 1 + day).getTime());
    expect(midnight(noon, 1)).toBe(new Date(2026, 0, 2 + day).getTime());
  }
});

describe("an hour, a day or a span", () => {
  it.each(["hour", "today", "yesterday"] as const)(
    "never begins before the log can: %s in 1970",
    (time) => expect(queryOf({ ...everything, time }, 0)).toEqual({ since: 0 }),
  );

  it("never ends before the log can either", () => {
    const span = { ...everything, time: "span", from: -5000, to: -1000 } as const;
    expect(queryOf(span, now_ms)).toEqual({ since: 0, until: 0 });
  });
});
