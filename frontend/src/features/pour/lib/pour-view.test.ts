import { describe, expect, it } from "vitest";
import { noOrder, type OrderState } from "@/features/pour/lib/order";
import { glassView, type PourInputs, pourButtonView } from "@/features/pour/lib/pour-view";
import { tapBadge } from "@/lib/tap-badge";
import { anOrder, aPour, aReceipt, aTap } from "@/test/samples";

const settled = (changes: object = {}): OrderState => ({
  phase: "settled",
  order: anOrder(),
  outcome: { kind: "receipt", receipt: aReceipt() },
  resting: false,
  glassLifted: false,
  ...changes,
});
const following = (stop: "not_armed" | "armed" | "asked" | "heard"): OrderState => ({
  phase: "following",
  order: anOrder(),
  attempts: 1,
  stop,
  arrival: "known",
});

const ready: PourInputs = {
  link: "live",
  tap: aTap(),
  mayChoose: true,
  order: noOrder,
  guest: "Ada",
  amountMl: 30,
};
const button = (changes: Partial<PourInputs>) => pourButtonView({ ...ready, ...changes });

describe("the button", () => {
  it("pours when nothing stands in the way", () => {
    expect(button({})).toEqual({ kind: "pour" });
  });

  it.each([
    ["Connecting…", { link: "connecting" }],
    ["Reconnecting…", { link: "lost" }],
    ["Reconnecting…", { link: "paused" }],
    ["No tap to pour from", { tap: undefined, mayChoose: false }],
    ["Choose a tap", { tap: undefined }],
    ["Pouring for someone else", { tap: aTap({ pour: aPour(), ready: false }) }],
    ["Checking the last pour…", { tap: aTap({ pour: aPour({ state: "unclear" }) }) }],
    ["Machine offline", { tap: blocked("offline", "The machine is offline.") }],
    ["Place a glass", { tap: blocked("no_glass", "Place a glass.") }],
    ["Stopped by the host", { tap: blocked("stopped", "Stopped.") }],
    ["The bottle is empty", { tap: blocked("device_fault", "The bottle is empty.") }],
    [
      "No flow: ask the host about the bottle",
      { tap: { ...blocked("device_fault", "Look at the machine."), faults: ["no_flow"] } },
    ],
    ["Not ready yet", { tap: aTap({ ready: false }) }],
    ["Say who is pouring", { guest: undefined }],
    ["Choose 1 to 60 ml", { amountMl: undefined }],
  ] satisfies [string, Partial<PourInputs>][])("says %j", (label, changes) => {
    expect(button(changes)).toMatchObject({ kind: "blocked", label });
  });

  function blocked(code: string, reason: string) {
    return aTap({ ready: false, blocked_by: { code, reason } });
  }

  it("is STOP while this phone's pour is open, even when the connection is down", () => {
    expect(button({ order: following("armed") })).toEqual({ kind: "stop" });
    expect(button({ order: following("armed"), link: "lost" })).toEqual({ kind: "stop" });
  });

  it("is neither right after the press, so that a double tap does not stop the pour", () => {
    expect(button({ order: following("not_armed") }).kind).toBe("busy");
  });

  it("says that it is stopping once STOP was pressed", () => {
    expect(button({ order: following("asked") })).toEqual({ kind: "busy", label: "Stopping…" });
    expect(button({ order: following("heard") })).toEqual({ kind: "busy", label: "Stopping…" });
  });

  it("rests after a pour, so that a late press on STOP does not pour again", () => {
    expect(button({ order: settled({ resting: true }) })).toEqual({ kind: "resting" });
    expect(button({ order: settled() })).toEqual({ kind: "pour" });
  });
});

describe("the glass", () => {
  const glass = (changes: Partial<PourInputs>) => glassView({ ...ready, ...changes });

  it("is empty with a line at the chosen amount", () => {
    expect(glass({})).toMatchObject({ absent: false, flowing: false, targetMl: 30, filledMl: 0 });
  });

  it("holds what the device has reported, whoever's pour it is", () => {
    const tap = aTap({ state: "pouring", pour: aPour({ requested_ml: 45, delivered_ml: 12.3 }) });
    expect(glass({ tap })).toMatchObject({
      pourId: "r1",
      pouring: true,
      flowing: true,
      targetMl: 45,
      filledMl: 12.3,
    });
  });

  it("does not flow before the device says so", () => {
    const tap = aTap({ pour: aPour({ state: "sending", delivered_ml: 0 }) });
    expect(glass({ tap }).flowing).toBe(false);
  });

  it("holds nobody knows how much when the device does not say", () => {
    const tap = aTap({ state: "pouring", pour: aPour({ delivered_ml: null }) });
    expect(glass({ tap }).filledMl).toBeUndefined();
  });

  it("stays filled after the pour until the glass is taken away", () => {
    expect(glass({ order: settled() })).toMatchObject({ pouring: false, filledMl: 29.8 });
    expect(glass({ order: settled({ glassLifted: true }) }).filledMl).toBe(0);
    const tap = aTap({ glass_present: false });
    expect(glass({ tap, order: settled() })).toMatchObject({ absent: true, filledMl: 0 });
  });

  it("is an outline while none is there", () => {
    expect(glass({ tap: aTap({ glass_present: false }) }).absent).toBe(true);
    expect(glass({ tap: undefined }).absent).toBe(true);
  });
});

describe("a tap at a glance", () => {
  it.each([
    ["Ready", {}],
    ["Offline", { online: false, state: "offline" }],
    ["Pouring", { pour: aPour() }],
    ["Pouring", { state: "pouring" }],
    ["Checking", { pour: aPour({ state: "unclear" }) }],
    ["Stopped", { stopped: true, ready: false }],
    ["No glass", { ready: false, blocked_by: { code: "no_glass", reason: "" } }],
    ["Needs a look", { ready: false, blocked_by: { code: "device_fault", reason: "" } }],
  ] as const)("is %s", (label, changes) => {
    expect(tapBadge(aTap(changes)).label).toBe(label);
  });
});
