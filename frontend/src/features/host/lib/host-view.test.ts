import { describe, expect, it } from "vitest";
import {
  glassWord,
  lastRestart,
  latestOf,
  summaryOf,
  sumOf,
  tapAdvice,
  tapFace,
} from "@/features/host/lib/host-view";
import { interlockWords, machineAdvice, machineWords } from "@/features/host/lib/interlock-words";
import type { Machine } from "@/features/host/lib/wire";
import { hostTexts } from "@/features/host/texts";
import { aMachine, aPour, aRow, aTap } from "@/test/samples";

const blocked = (code: string, reason = "") => ({ ready: false, blocked_by: { code, reason } });

describe("a tap at a glance", () => {
  it.each([
    [{}, "ready", "good"],
    [{ pour: aPour(), state: "pouring" }, "pouring", "busy"],
    [{ pour: aPour({ state: "unclear" }) }, "checking", "wait"],
    [{ online: false, state: "offline", pour: aPour() }, "offline", "bad"],
    [{ stopped: true, ...blocked("stopped") }, "stopped", "bad"],
    [blocked("no_glass"), "glass", "wait"],
    [{ faults: ["no_flow"], ...blocked("device_fault") }, "fault", "bad"],
    [blocked("log_failed"), "wait", "bad"],
  ] as const)("%o is %s", (changes, sign, tone) => {
    const face = tapFace(aTap(changes as Parameters<typeof aTap>[0]));
    expect([face.sign, face.tone]).toEqual([sign, tone]);
    expect(face.word).not.toBe("");
  });

  it("claims to know the glass only of a machine that answers", () => {
    expect(glassWord(aTap())).toBe("Glass in place");
    expect(glassWord(aTap({ glass_present: false }))).toBe("No glass");
    expect(glassWord(aTap({ online: false }))).toBe("Glass not known");
  });
});

describe("what to do about it", () => {
  const keys = (changes: Parameters<typeof aTap>[0]) =>
    tapAdvice(aTap(changes)).map(({ key }) => key);

  it("is nothing when all is well, or when no machine can help it", () => {
    expect(keys({})).toEqual([]);
    expect(keys({ stopped: true, ...blocked("stopped") })).toEqual([]);
    expect(keys(blocked("no_glass"))).toEqual([]);
    expect(keys(blocked("busy"))).toEqual([]);
  });

  it("names every trouble", () => {
    const changes = { faults: ["no_flow", "sensor_stuck"], ...blocked("device_fault") };
    expect(keys({ ...changes, online: false, state: "offline" })).toEqual([
      "offline",
      "no_flow",
      "sensor_stuck",
    ]);
    expect(keys({ online: false, state: "error", ...blocked("offline") })).toEqual(["error"]);
    expect(keys({ pour: aPour({ state: "unclear" }) })).toEqual(["unclear_pour"]);
    expect(keys(blocked("log_failed"))).toEqual(["log_failed"]);
    expect(keys(blocked("wrong_machine"))).toEqual(["wrong_machine"]);
    const [wrong] = tapAdvice(aTap(blocked("wrong_machine", "Look.")));
    expect(wrong?.action).not.toBe("Look.");
  });

  it.each([
    "no_flow",
    "idle_flow",
    "too_fast",
    "sensor_stuck",
    "cut_off",
    "journal_failed",
    "too_slow",
  ])("has words of its own for %s", (fault) => {
    const [advice] = tapAdvice(aTap({ faults: [fault], ...blocked("device_fault", "Look.") }));
    expect(advice?.title).not.toBe(fault.replace("_", " "));
    expect(advice?.action).not.toBe("Look.");
  });

  it("passes on the server's words for what is new to us", () => {
    const changes = { faults: ["pump_hot"], ...blocked("device_fault", "Look at it.") };
    expect(tapAdvice(aTap(changes))).toEqual([
      { key: "pump_hot", title: "New to this page: pump_hot", action: "Look at it." },
    ]);
    const [other] = tapAdvice(aTap(blocked("haunted", "Call a priest.")));
    expect(other?.title).toBe("Call a priest.");
  });
});

describe("a machine's last start", () => {
  it.each(["brown_out", "watchdog", "panic"])("is told when it fell over: %s", (reset_reason) => {
    const told = lastRestart(aTap({ reset_reason }));
    expect(told?.key).toBe(reset_reason);
    expect(told?.title).toMatch(/^Last restart: /);
    expect(told?.action).not.toBe("");
  });

  it.each([null, "power_on", "software", "other", "sunspots"])(
    "is nothing to tell when somebody may have wanted it: %s",
    (reset_reason) => {
      expect(lastRestart(aTap({ reset_reason }))).toBeUndefined();
    },
  );

  it("is not told of a machine that does not answer: it may have started again", () => {
    expect(lastRestart(aTap({ reset_reason: "panic", online: false }))).toBeUndefined();
  });

  it("is no trouble of now", () => {
    expect(tapAdvice(aTap({ reset_reason: "brown_out" }))).toEqual([]);
  });
});

it("lists a tap's latest pours, each once, without the one that runs", () => {
  const rows = [
    aRow({ id: 6, request_id: "d" }),
    aRow({ id: 5, request_id: "c", status: "success", outcome: "done" }),
    aRow({ id: 4, request_id: "x", tap: "gin", status: "success" }),
    aRow({ id: 3, request_id: "c" }),
    aRow({ id: 2, request_id: "b", status: "failed", outcome: "refused" }),
    aRow({ id: 1, request_id: "a", status: "success" }),
  ];
  expect(latestOf("main", rows, 2).map(({ id }) => id)).toEqual([5, 2]);
});

it("sums all taps up", () => {
  const taps = [
    aTap(),
    aTap({ name: "b", online: false, state: "offline", ...blocked("offline") }),
    aTap({ name: "c", stopped: true, ...blocked("stopped"), pour: aPour() }),
  ];
  expect(summaryOf(taps)).toEqual({ ready: 1, taps: 3, pouring: 1, stopped: 1, troubled: 1 });
  const totals = [
    { tap: "a", pours: 2, delivered_ml: 30.5 },
    { tap: "b", pours: 1, delivered_ml: 1.5 },
  ];
  expect(sumOf(totals)).toEqual({ pours: 3, delivered_ml: 32 });
});

describe("an interlock", () => {
  it("is told in our own words, with what was measured", () => {
    const value = "answered 0.4 s ago at http://esp32.local";
    const online = { name: "device_online", ok: true, value, action: "" };
    expect(interlockWords(online)).toEqual({
      name: "Machine",
      value: "answers",
      detail: "heard 0.4 s ago at http://esp32.local",
      action: "",
    });
    const never = { ...online, ok: false, value: "never answered at http://x", action: "Check." };
    expect(interlockWords(never).detail).toBe("never answered at http://x");
    expect(interlockWords(never).action).toBe(hostTexts.lock.device_online.action);
    const said = 'no status yet (answers 404, text/html: "Login") at http://x';
    const bad = { ...online, ok: false, value: said, action: "Check.", kind: "not_a_dispenser" };
    expect(interlockWords(bad)).toEqual({
      name: "Machine",
      value: "another device answers",
      detail: said,
      action: "Check the address, and what answers there.",
    });
    expect(interlockWords({ ...bad, kind: "melted" }).action).toBe(
      hostTexts.lock.device_online.action,
    );
    const gone = "pourtocol.db was removed while the server had it open";
    const log = { name: "log_writable", ok: false, value: gone, action: "End.", kind: "file_lost" };
    expect(interlockWords(log)).toMatchObject({ value: "its file is gone", detail: gone });
    expect(interlockWords(log).action).toContain("restore a backup");
    expect(interlockWords({ ...log, value: "no", kind: undefined }).detail).toBe("");
    const faults = { name: "no_fault", ok: false, value: "no_flow, pump_hot", action: "Look." };
    expect(interlockWords(faults).detail).toBe("Nothing flows, pump_hot");
  });

  it("of the machine names what answers in its place, and what to do", () => {
    const said = (changes: Partial<Machine>) => {
      const machine = aMachine(changes);
      return [machineWords(machine), machineAdvice(machine)];
    };
    const { machine } = hostTexts;
    expect(said({})).toEqual(["", ""]);
    expect(said({ also_at: ["rum"] })).toEqual([machine.alsoAt({ tap: "rum" }), ""]);
    expect(said({ mismatch: "names_another_tap", says_tap: "terrace", machine_of: "rum" })).toEqual(
      ["The machine at this address says it is “terrace”.", machine.rename],
    );
    const other = { mismatch: "another_machine", says_id: "00000000000000b2" };
    expect(said({ ...other, adoptable: true })).toEqual([
      machine.is({ id: "00000000000000b2" }),
      machine.replaced,
    ]);
    expect(said({ ...other, machine_of: "rum" })).toEqual([
      machine.isOf({ tap: "rum" }),
      machine.ownOnly,
    ]);
    expect(said({ mismatch: "says_no_id", says_id: null, adoptable: true })).toEqual([
      machine.saysNothing,
      machine.replaced,
    ]);
  });

  it("that is new to us speaks for itself", () => {
    const lock = { name: "door_shut", ok: false, value: "open", action: "Shut the door." };
    expect(interlockWords(lock)).toEqual({
      name: "door shut",
      value: "open",
      detail: "",
      action: "Shut the door.",
    });
  });
});
