import { describe, expect, it, vi } from "vitest";
import { initialLiveState } from "@/lib/live-state";
import { isSame, watchLive } from "@/lib/live-watch";
import { aTap } from "@/test/samples";
import { ToldLive } from "@/test/with-live";

describe("a part of the live state", () => {
  const [gin, rum] = [aTap({ name: "gin" }), aTap({ name: "rum" })];

  it.each([
    ["a value", "live", "live"],
    ["nobody's value", undefined, undefined],
    ["a list of the same", [gin, rum], [gin, rum]],
    ["a record of the same", { link: "live", tap: gin }, { tap: gin, link: "live" }],
  ])("is the same: %s", (_, a, b) => expect(isSame(a, b)).toBe(true));

  it.each([
    ["another value", "live", "lost"],
    ["nothing, and a record without anything", undefined, {}],
    ["a list of equals that are others", [gin], [{ ...gin }]],
    ["a longer list", [gin], [gin, rum]],
    ["another order", [gin, rum], [rum, gin]],
    ["a record with another name for nothing", { a: undefined }, { b: undefined }],
    ["a list and a record", [], {}],
  ])("is another one: %s", (_, a, b) => expect(isSame(a, b)).toBe(false));

  it("is told at first and whenever it is another, until nobody listens", () => {
    const live = new ToldLive({ ...initialLiveState, taps: [gin] });
    const told = vi.fn();
    const end = watchLive(live, ({ taps }) => taps.map(({ name }) => name), told);
    live.tell({ ...live.getState(), link: "live", taps: [{ ...gin, ready: false }] });
    expect(told.mock.calls).toEqual([[["gin"]]]);
    live.tell({ ...live.getState(), taps: [gin, rum] });
    expect(told.mock.calls).toEqual([[["gin"]], [["gin", "rum"]]]);
    end();
    live.tell({ ...live.getState(), taps: [] });
    expect(told).toHaveBeenCalledTimes(2);
  });
});
