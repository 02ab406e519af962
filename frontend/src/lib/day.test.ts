import { describe, expect, it } from "vitest";
import { dayBegin_s, localMinute, midnight, readLocalMinute } from "@/lib/day";

describe("a field for date and time", () => {
  it.each([
    [new Date(2026, 10, 22, 6, 5).getTime(), "2026-11-22T06:05"],
    [new Date(9998, 11, 31, 23, 59).getTime(), "9998-12-31T23:59"],
  ])("shows %d as %s, and gives it back", (at_ms, text) => {
    expect(localMinute(at_ms)).toBe(text);
    expect(readLocalMinute(text)).toBe(at_ms);
  });

  it.each(["", "0002-11-22T16:05", "0020-11-22T16:05", "0202-11-22T16:05"])(
    "holds no time yet with %j",
    (text) => expect(readLocalMinute(text)).toBeUndefined(),
  );

  it.each(["1969-12-31T23:59", "12026-11-22T16:05", "+012026-11-22T16:05", "275760-09-13T00:00"])(
    "holds no time that the log could have with %s",
    (text) => expect(readLocalMinute(text)).toBeUndefined(),
  );

  it("has four digits of a year, whatever year it is", () => {
    const early = new Date(2026, 10, 22, 6, 5);
    early.setFullYear(2);
    expect(localMinute(early.getTime())).toBe("0002-11-22T06:05");
  });
});

describe("the begin of a day", () => {
  it("is never before 1970, where a machine without a clock of its own begins", () => {
    expect([dayBegin_s(0), dayBegin_s(0, -1), dayBegin_s(86_400_000, -3)]).toEqual([0, 0, 0]);
  });

  it("is midnight on this phone", () => {
    const noon = new Date(2026, 10, 22, 12).getTime();
    expect(dayBegin_s(noon)).toBe(new Date(2026, 10, 22).getTime() / 1000);
    expect(dayBegin_s(noon, -1)).toBe(midnight(noon, -1) / 1000);
  });
});
