import { beforeEach, describe, expect, it } from "vitest";
import {
  isInDoubt,
  noOrder,
  type OrderEffect,
  type OrderEvent,
  type OrderState,
  openOrder,
  step,
} from "@/features/pour/lib/order";
import { anOrder, aPour, aReceipt, aTap } from "@/test/samples";

const PRESSED_AT = anOrder().pressedAt;

/** One phone: what it was told, and what it did about it. */
class Phone {
  state: OrderState = noOrder;
  now = PRESSED_AT;
  done: OrderEffect[] = [];

  tell(event: OrderEvent): this {
    const { state, effects } = step(this.state, event, this.now);
    this.state = state;
    this.done.push(...effects);
    return this;
  }

  press = () => this.tell({ type: "pressed", order: anOrder() });
  restore = () => this.tell({ type: "restored", order: anOrder() });
  taken = () => this.tell({ type: "answered", requestId: "r1", answer: { kind: "taken" } });
  lost = () => this.tell({ type: "answered", requestId: "r1", answer: { kind: "lost" } });
  refused = (code: string) =>
    this.tell({
      type: "answered",
      requestId: "r1",
      answer: { kind: "refused", code, reason: "No." },
    });
  due = (type: "retry_due" | "look_up_due" | "stop_due" | "stop_armed" | "rested") =>
    this.tell({ type, requestId: "r1" });
  notFound = () => this.tell({ type: "looked_up", requestId: "r1", result: { kind: "not_found" } });
  lookUpLost = () => this.tell({ type: "looked_up", requestId: "r1", result: { kind: "lost" } });
  found = (changes: Parameters<typeof aReceipt>[0]) =>
    this.tell({
      type: "looked_up",
      requestId: "r1",
      result: { kind: "found", receipt: aReceipt(changes) },
    });
  sees = (changes: Parameters<typeof aTap>[0]) =>
    this.tell({ type: "tap_seen", tap: aTap(changes) });
  stopAnswered = (kind: "stopped" | "given_up" | "over" | "lost") =>
    this.tell({ type: "stop_answered", requestId: "r1", result: { kind } });
  stopped = () => this.stopAnswered("stopped");
  giveUpAnswered = (kind: "stopped" | "given_up" | "over" | "lost") =>
    this.tell({ type: "give_up_answered", requestId: "r1", result: { kind } });

  later(ms: number): this {
    this.now += ms;
    return this;
  }

  times = (type: OrderEffect["type"]) => this.done.filter((effect) => effect.type === type).length;
  waitsFor = (type: OrderEvent["type"]) =>
    this.done.some((effect) => effect.type === "wait" && effect.next.type === type);
}

let phone: Phone;
beforeEach(() => {
  phone = new Phone();
});

describe("a wish to pour", () => {
  it("is written down before it is sent", () => {
    phone.press();
    expect(phone.done.map(({ type }) => type).slice(0, 2)).toEqual(["remember", "place"]);
    expect(openOrder(phone.state)).toEqual(anOrder());
  });

  it("is one wish however often the button is pressed", () => {
    phone.press().tell({ type: "pressed", order: anOrder({ requestId: "r2" }) });
    expect(phone.times("place")).toBe(1);
    expect(openOrder(phone.state)?.requestId).toBe("r1");
  });

  it("ends with the receipt that the live stream brings", () => {
    phone.press().taken().sees({ pour: aPour() }).sees({ last: aReceipt() });
    expect(phone.state).toMatchObject({ phase: "settled", resting: true });
    expect(phone.times("forget")).toBe(1);
  });

  it("ends with the receipt that asking brings when the stream says nothing", () => {
    phone.press().taken().due("look_up_due").found({ final: false, state: "accepted" });
    expect(phone.state.phase).toBe("following");
    phone.due("look_up_due").found({ state: "partial" });
    expect(phone.state).toMatchObject({
      phase: "settled",
      outcome: { kind: "receipt", receipt: { state: "partial" } },
    });
  });

  it("is not settled by the receipt of another pour, another tap, or one that may still change", () => {
    phone.press().taken();
    phone.sees({ last: aReceipt({ request_id: "r0" }) });
    phone.sees({ name: "rum", last: aReceipt() });
    phone.sees({ last: aReceipt({ final: false, state: "unclear" }) });
    expect(phone.state.phase).toBe("following");
  });

  it("is followed from the moment the stream shows it, be the answer late or lost", () => {
    phone.press().sees({ pour: aPour() });
    expect(phone.state.phase).toBe("following");
    phone.lost();
    expect(phone.times("place")).toBe(1);
  });

  it("ends when the server refuses, and says why", () => {
    phone.press().refused("no_glass");
    expect(phone.state).toMatchObject({
      phase: "settled",
      outcome: { kind: "refused", code: "no_glass", reason: "No." },
    });
    expect(phone.times("forget")).toBe(1);
  });

  it("looks up a refusal that comes after the stream has shown the pour", () => {
    phone.press().sees({ pour: aPour() }).refused("device_refused");
    expect(phone.state.phase).toBe("following");
    expect(phone.times("look_up")).toBe(1);
  });

  it("does not hear the late answer for an earlier order", () => {
    phone.press().taken().sees({ last: aReceipt() }).due("rested");
    phone.tell({ type: "pressed", order: anOrder({ requestId: "r2" }) });
    phone.refused("busy").lost().notFound();
    expect(openOrder(phone.state)?.requestId).toBe("r2");
    expect(phone.state.phase).toBe("asking");
  });
});

describe("a lost answer", () => {
  it("is asked for again under the same id", () => {
    phone.press().lost();
    expect(phone.waitsFor("retry_due")).toBe(true);
    phone.due("retry_due");
    expect(phone.done.filter(({ type }) => type === "place")).toEqual([
      { type: "place", order: anOrder() },
      { type: "place", order: anOrder() },
    ]);
  });

  it("is asked for a few times, then only looked up", () => {
    phone.press();
    for (let i = 0; i < 20; i += 1) phone.lost().due("retry_due");
    expect(phone.times("place")).toBe(5);
    expect(phone.state.phase).toBe("following");
    expect(phone.times("look_up")).toBeGreaterThan(0);
  });

  it("is not asked for again when the press is long ago", () => {
    phone.press().later(8000).lost();
    expect(phone.waitsFor("retry_due")).toBe(false);
    expect(phone.times("look_up")).toBe(1);
  });

  it("is not asked for again when the phone's clock has jumped back", () => {
    phone.press().later(-3_600_000).lost();
    expect(phone.waitsFor("retry_due")).toBe(false);
  });

  it("does not trust a blind refusal of the repeat: the first may have poured", () => {
    phone.press().lost().due("retry_due").refused("overloaded");
    expect(phone.state.phase).toBe("following");
    expect(phone.times("look_up")).toBe(1);
  });

  it("trusts that refusal when it was the only try", () => {
    phone.press().refused("overloaded");
    expect(phone.state.phase).toBe("settled");
  });

  it("trusts a refusal of the repeat that was made with the key in hand", () => {
    phone.press().lost().due("retry_due").refused("no_glass");
    expect(phone.state.phase).toBe("settled");
  });
});

describe("after a reload", () => {
  it("the order is looked up, never placed again", () => {
    phone.restore();
    expect(phone.times("look_up")).toBe(1);
    for (let i = 0; i < 10; i += 1) phone.later(1500).lookUpLost().due("look_up_due");
    phone.notFound();
    expect(phone.times("place")).toBe(0);
  });

  it("the pour is found and followed to its end", () => {
    phone.restore().found({ final: false, state: "accepted" }).sees({ last: aReceipt() });
    expect(phone.state.phase).toBe("settled");
  });

  it("an order that may still be on its way is waited for", () => {
    phone.restore().later(2000).notFound();
    expect(phone.state.phase).toBe("following");
    expect(phone.times("give_up")).toBe(0);
    phone.later(6000).notFound();
    expect(phone.times("give_up")).toBe(1);
  });

  it("no answer is not taken for a no", () => {
    phone.restore().later(3_600_000).lookUpLost();
    expect(phone.state.phase).toBe("following");
    expect(phone.waitsFor("look_up_due")).toBe(true);
  });
});

describe("an order that nobody has heard of", () => {
  const unheard = () => phone.press().later(8000).lost().notFound();

  it("is given up at the server before anything is said of it", () => {
    unheard();
    expect(phone.done.at(-1)).toEqual({ type: "give_up", requestId: "r1" });
    expect(phone.state.phase).toBe("following");
    expect(isInDoubt(phone.state)).toBe(true);
    phone.giveUpAnswered("given_up");
    expect(phone.state).toMatchObject({ phase: "settled", outcome: { kind: "never_arrived" } });
    expect(isInDoubt(phone.state)).toBe(false);
  });

  it("stays in doubt for as long as the server does not answer, and invites no second press", () => {
    unheard();
    for (let i = 0; i < 30; i += 1) {
      phone.giveUpAnswered("lost").later(6000).due("look_up_due");
      phone.tell({ type: "pressed", order: anOrder({ requestId: "r2" }) });
      expect(isInDoubt(phone.state)).toBe(true);
      if (i % 2 === 0) phone.lookUpLost().due("look_up_due");
      phone.notFound();
    }
    expect(openOrder(phone.state)?.requestId).toBe("r1");
    expect(phone.times("give_up")).toBe(31);
    expect(phone.times("place")).toBe(1);
    phone.giveUpAnswered("given_up");
    expect(phone.state.phase).toBe("settled");
  });

  it.each(["stopped", "over"] as const)(
    "has arrived after all where the giving up finds it %s: its receipt is looked up",
    (found) => {
      unheard().giveUpAnswered(found).due("look_up_due").found({ state: "partial" });
      expect(phone.state).toMatchObject({ outcome: { kind: "receipt" } });
    },
  );

  it("is shown as soon as the stream shows it, whatever was asked meanwhile", () => {
    unheard().sees({ pour: aPour() });
    expect(isInDoubt(phone.state)).toBe(false);
  });
});

describe("a server that is starting", () => {
  it("is asked again by itself, under the same id", () => {
    phone.press().refused("starting");
    expect(phone.state.phase).toBe("asking");
    phone.due("retry_due").taken();
    expect(phone.done.filter(({ type }) => type === "place")).toEqual([
      { type: "place", order: anOrder() },
      { type: "place", order: anOrder() },
    ]);
    expect(phone.state.phase).toBe("following");
  });

  it("is not asked again for an order that is old, or was stopped meanwhile", () => {
    phone.press().later(8000).refused("starting");
    expect(phone.waitsFor("retry_due")).toBe(false);
    phone = new Phone();
    phone.press().due("stop_armed").tell({ type: "stop_pressed" }).refused("starting");
    expect(phone.waitsFor("retry_due")).toBe(false);
  });
});

describe("STOP", () => {
  const poured = () => phone.press().taken().due("stop_armed");

  it("does nothing in the moment after the press: that is a double tap", () => {
    phone.press().tell({ type: "stop_pressed" });
    expect(phone.times("stop")).toBe(0);
    phone.due("stop_armed").tell({ type: "stop_pressed" });
    expect(phone.times("stop")).toBe(1);
  });

  it("is said again until it is heard", () => {
    poured().tell({ type: "stop_pressed" });
    for (let i = 0; i < 3; i += 1) {
      phone.tell({ type: "stop_answered", requestId: "r1", result: { kind: "lost" } });
      phone.due("stop_due");
    }
    expect(phone.times("stop")).toBe(1);
    expect(phone.times("stop_again")).toBe(3);
    phone.stopped().due("stop_due");
    expect(phone.times("stop_again")).toBe(3);
  });

  it("is said again while the pour stays open: it may have overtaken the order", () => {
    poured().tell({ type: "stop_pressed" }).stopped().due("look_up_due");
    expect(phone.times("stop_again")).toBe(1);
    phone.sees({ last: aReceipt({ state: "partial" }) }).due("look_up_due");
    expect(phone.times("stop_again")).toBe(1);
  });

  it("takes an order back that the server has never heard of", () => {
    phone.press().due("stop_armed").tell({ type: "stop_pressed" }).lost();
    expect(phone.state.phase).not.toBe("settled");
    phone.stopAnswered("given_up");
    expect(phone.state).toMatchObject({ phase: "settled", outcome: { kind: "never_arrived" } });
    phone.tell({ type: "answered", requestId: "r1", answer: { kind: "taken" } });
    expect(phone.state.phase).toBe("settled");
  });

  it("looks up how it ended when it comes after the end", () => {
    poured().tell({ type: "stop_pressed" }).stopAnswered("over");
    expect(phone.times("look_up")).toBe(1);
    phone.found({ state: "done" });
    expect(phone.state).toMatchObject({ outcome: { kind: "receipt" } });
  });

  it("can be pressed again when it failed, and says so", () => {
    poured().tell({ type: "stop_pressed" });
    const result = { kind: "failed", reason: "The device did not answer." } as const;
    phone.tell({ type: "stop_answered", requestId: "r1", result });
    expect(phone.done.at(-1)).toEqual({ type: "notice", reason: "The device did not answer." });
    phone.tell({ type: "stop_pressed" });
    expect(phone.times("stop")).toBe(2);
  });

  it("ends the asking: an order that was stopped is not sent again", () => {
    phone.press().due("stop_armed").tell({ type: "stop_pressed" }).lost().due("retry_due");
    expect(phone.times("place")).toBe(1);
    expect(phone.times("look_up")).toBe(1);
  });

  it("also ends an asking that was already waiting for its next try", () => {
    phone.press().due("stop_armed").lost().tell({ type: "stop_pressed" }).due("retry_due");
    expect(phone.times("place")).toBe(1);
  });
});

describe("a settled pour", () => {
  const settled = () => phone.press().taken().sees({ last: aReceipt() });

  it("takes no press for a moment, for that was meant for STOP", () => {
    settled().tell({ type: "pressed", order: anOrder({ requestId: "r2" }) });
    expect(phone.times("place")).toBe(1);
    phone.due("rested").tell({ type: "pressed", order: anOrder({ requestId: "r2" }) });
    expect(phone.times("place")).toBe(2);
  });

  it("remembers that its glass was taken, even when another stands there now", () => {
    settled().sees({ glass_present: false }).sees({ glass_present: true });
    expect(phone.state).toMatchObject({ glassLifted: true });
  });

  it("is put away when the guest has read it", () => {
    settled().tell({ type: "dismissed" });
    expect(phone.state).toEqual(noOrder);
  });
});

describe("an open order", () => {
  it("cannot be dismissed", () => {
    phone.press().tell({ type: "dismissed" });
    expect(openOrder(phone.state)).toEqual(anOrder());
  });
});
