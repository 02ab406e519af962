import { describe, expect, it } from "vitest";
import type { StopTold } from "@/features/host/api";
import {
  hasFailed,
  isAsking,
  newestStop,
  nothingStopped,
  notStopped,
  type Scope,
  type StopState,
  stopStep,
} from "@/features/host/lib/host-stop";
import { aPour, aTap } from "@/test/samples";

const said = (tap: string, code: string) => ({ tap, code, reason: `${tap} ${code}` });

function pressed(state: StopState, scope: Scope, told: StopTold): StopState {
  const asking = stopStep(state, { type: "pressed", scope });
  return stopStep(asking, { type: "answered", scope, told });
}

const seen = (state: StopState, ...taps: ReturnType<typeof aTap>[]) =>
  stopStep(state, { type: "taps_seen", taps });

const noAnswer = pressed(nothingStopped, undefined, {
  kind: "told",
  taps: [said("gin", "stopped"), said("rum", "no_answer")],
});

describe("a stop of a tap that is gone", () => {
  const gin = aTap({ name: "gin" });

  it("is no alarm any more: nothing pressed here could reach it", () => {
    expect(hasFailed(noAnswer)).toBe(true);
    expect(hasFailed(seen(noAnswer, gin))).toBe(false);
    expect(hasFailed(seen(noAnswer, gin, aTap({ name: "rum" })))).toBe(true);
  });

  it("is none either where nobody knows whether it was heard; one of all stays", () => {
    expect(hasFailed(seen(pressed(nothingStopped, "rum", { kind: "lost" }), gin))).toBe(false);
    expect(hasFailed(seen(pressed(nothingStopped, undefined, { kind: "lost" }), gin))).toBe(true);
  });
});

it("the stop that a resume lifts is the newest one seen there", () => {
  const taps = [aTap({ name: "gin", stop_id: 4 }), aTap({ name: "rum", stop_id: 9 }), aTap()];
  expect([newestStop(taps, "gin"), newestStop(taps, undefined)]).toEqual([4, 9]);
  expect([newestStop(taps, "main"), newestStop([], undefined)]).toEqual([0, 0]);
});

describe("a stop", () => {
  it("is on its way until it is answered, and can be pressed again meanwhile", () => {
    const once = stopStep(nothingStopped, { type: "pressed", scope: undefined });
    const twice = stopStep(once, { type: "pressed", scope: "gin" });
    expect([isAsking(once, "gin"), isAsking(twice, "rum")]).toEqual([true, true]);
    const told = { kind: "told", taps: [] } as const;
    const answered = stopStep(twice, { type: "answered", scope: undefined, told });
    expect([isAsking(answered, "gin"), isAsking(answered, "rum")]).toEqual([true, false]);
  });

  it("has failed while a machine has not answered or cannot be stopped", () => {
    expect(notStopped(noAnswer).map(([tap]) => tap)).toEqual(["rum"]);
    const told = { kind: "told", taps: [said("rum", "cannot_stop")] } as const;
    expect(hasFailed(pressed(nothingStopped, "rum", told))).toBe(true);
  });

  it("has failed while nobody knows whether the server heard it, until it does", () => {
    const lost = pressed(nothingStopped, undefined, { kind: "lost" });
    expect(lost.failure).toEqual({ scope: undefined, code: null, reason: "" });
    const told = { kind: "told", taps: [said("gin", "stopped")] } as const;
    expect(hasFailed(pressed(lost, "gin", told))).toBe(true);
    expect(hasFailed(pressed(lost, undefined, told))).toBe(false);
  });

  it("shows what machines said although the log could not be written", () => {
    const taps = [said("gin", "stopped")];
    const told = { kind: "refused", code: "store_failed", reason: "No.", taps } as const;
    const state = pressed(nothingStopped, undefined, told);
    expect(state.failure?.code).toBe("store_failed");
    expect(state.said.get("gin")?.code).toBe("stopped");
  });

  it("is forgotten once the tap may pour again", () => {
    expect(hasFailed(stopStep(noAnswer, { type: "resumed", scope: "gin" }))).toBe(true);
    expect(hasFailed(stopStep(noAnswer, { type: "resumed", scope: "rum" }))).toBe(false);
    expect(stopStep(noAnswer, { type: "resumed", scope: undefined }).said.size).toBe(0);
  });
});

describe("a machine that did not answer a stop", () => {
  const rum = { name: "rum", stopped: true } as const;

  it("is not trusted for what was known of it before", () => {
    expect(hasFailed(seen(noAnswer, aTap(rum)))).toBe(true);
  });

  const busy = [
    { online: false, state: "offline" },
    { state: "pouring" },
    { state: "other" },
    { pour: aPour() },
  ] as const;
  it.each(busy)("is at rest once it is seen idle after %o", (bad) => {
    const worse = seen(noAnswer, aTap({ ...rum, ...bad }));
    expect(hasFailed(worse)).toBe(true);
    const back = seen(worse, aTap(rum));
    expect(hasFailed(back)).toBe(false);
    expect(back.said.get("rum")?.code).toBe("back");
  });

  it("changes nothing while it stays as it was", () => {
    const offline = aTap({ ...rum, online: false });
    const once = seen(noAnswer, offline);
    expect(seen(once, offline)).toBe(once);
  });
});
