import { describe, expect, it } from "vitest";
import {
  applyLogPage,
  applyMessage,
  initialLiveState,
  type LiveState,
  LOG_ROWS_MAX,
} from "@/lib/live-state";
import { aRow, aTap } from "@/test/samples";
import type { LiveMessage } from "@/types/wire";

const snapshot = (version: number): LiveMessage => ({
  type: "snapshot",
  version,
  server_id: "a",
  status: {
    version,
    timestamp: 1,
    public_url: null,
    taps: [aTap({ name: "gin" }), aTap({ name: "rum" })],
  },
  last_log_id: 0,
});

function given(...messages: LiveMessage[]): LiveState {
  return messages.reduce((state, message) => {
    const next = applyMessage(state, message);
    if (next === "gap") throw new Error(`gap at version ${message.version}`);
    return next;
  }, initialLiveState);
}

describe("the live state", () => {
  it("knows nothing before the first snapshot, and is live after it", () => {
    expect(initialLiveState.known).toBe(false);
    const state = given(snapshot(7));
    expect(state).toMatchObject({ link: "live", known: true, version: 7 });
    expect(state.taps.map(({ name }) => name)).toEqual(["gin", "rum"]);
  });

  it("changes one tap and leaves the others and their order alone", () => {
    const rum = aTap({ name: "rum", glass_present: false });
    const state = given(snapshot(7), { type: "tap", version: 8, tap: rum });
    expect(state.taps).toEqual([aTap({ name: "gin" }), rum]);
  });

  it("sees a gap when a version is skipped or repeated", () => {
    const state = given(snapshot(7));
    for (const version of [7, 9]) {
      expect(applyMessage(state, { type: "tap", version, tap: aTap() })).toBe("gap");
      expect(applyMessage(state, { type: "log", version, row: aRow() })).toBe("gap");
    }
  });

  it("sees a gap when a heartbeat speaks of a change that never came", () => {
    const state = given(snapshot(7));
    expect(applyMessage(state, { type: "heartbeat", version: 7, timestamp: 1 })).toBe(state);
    expect(applyMessage(state, { type: "heartbeat", version: 8, timestamp: 1 })).toBe("gap");
  });

  it("keeps the rows that came while the page of the log was being fetched", () => {
    const state = given(snapshot(7), { type: "log", version: 8, row: aRow({ id: 3 }) });
    const loaded = applyLogPage(state, [aRow({ id: 2 }), aRow({ id: 1 })]);
    expect(loaded.log.map(({ id }) => id)).toEqual([3, 2, 1]);
    expect(loaded.logLoaded).toBe(true);
  });

  it("shows no row twice", () => {
    const state = given(snapshot(7), { type: "log", version: 8, row: aRow({ id: 3 }) });
    const loaded = applyLogPage(state, [aRow({ id: 3 }), aRow({ id: 2 })]);
    expect(loaded.log.map(({ id }) => id)).toEqual([3, 2]);
  });

  it("forgets the rows of a database that has been replaced", () => {
    const old = applyLogPage(given(snapshot(7)), [aRow({ id: 900 })]);
    const again = applyMessage(old, snapshot(1));
    expect(again).not.toBe("gap");
    expect(applyLogPage(again as LiveState, [aRow({ id: 1 })]).log.map(({ id }) => id)).toEqual([
      1,
    ]);
  });

  it("holds a bounded number of rows, the newest", () => {
    const page = Array.from({ length: LOG_ROWS_MAX }, (_, i) => aRow({ id: LOG_ROWS_MAX - i }));
    const full = applyLogPage(given(snapshot(1)), page);
    const next = applyMessage(full, { type: "log", version: 2, row: aRow({ id: 101 }) });
    expect((next as LiveState).log).toHaveLength(LOG_ROWS_MAX);
    expect((next as LiveState).log[0]?.id).toBe(101);
  });
});
