/**
 * One wish to pour, from the press to the receipt, as a pure state machine: `step(state, event,
 * now)` gives the next state and what is to be done about it. It promises that  - one press makes
 * one request id, and only a press makes one;  - an order whose answer was lost is asked again
 * under the same id, or looked up, never made anew;  - an order is never placed again after a
 * reload or long after the press: somebody else's glass may    stand there by then;  - it stays in
 * sight until the server has said how it ended. That nobody knows it says nothing: what the page
 * has sent may arrive long after the page has turned away. So such an order is given up at the
 * server, and only when that has been answered is it over.
 */

import type { OrderAnswer, StopResult } from "@/features/pour/api";
import type { LookUp } from "@/lib/api";
import type { Order } from "@/lib/storage";
import type { Receipt, Tap } from "@/types/wire";

export type Outcome =
  | { kind: "receipt"; receipt: Receipt }
  | { kind: "refused"; code: string; reason: string }
  | { kind: "never_arrived" };

/** `armed` a moment after the press, so that a double tap on POUR is not a press on STOP. */
export type StopWish = "not_armed" | "armed" | "asked" | "heard";

/** Whether the server has the order; `in_doubt` once an answer was lost. */
export type Arrival = "awaited" | "in_doubt" | "known";

export type OrderState =
  | { phase: "none" }
  | {
      phase: "asking" | "following";
      order: Order;
      attempts: number;
      stop: StopWish;
      arrival: Arrival;
    }
  /** `resting` for a moment, so that a press meant for STOP does not order another pour. */
  | { phase: "settled"; order: Order; outcome: Outcome; resting: boolean; glassLifted: boolean };

export type OrderEvent =
  | { type: "pressed"; order: Order }
  | { type: "restored"; order: Order }
  | { type: "answered"; requestId: string; answer: OrderAnswer }
  | { type: "looked_up"; requestId: string; result: LookUp }
  | { type: "tap_seen"; tap: Tap }
  | { type: "stop_pressed" }
  | { type: "stop_answered" | "give_up_answered"; requestId: string; result: StopResult }
  | { type: "dismissed" }
  | { type: "retry_due" | "look_up_due" | "stop_due" | "stop_armed" | "rested"; requestId: string };

export type OrderEffect =
  | { type: "place" | "remember" | "forget"; order: Order }
  /** `stop` was pressed; the others the page says by itself. */
  | { type: "look_up" | "stop" | "stop_again" | "give_up"; requestId: string }
  | { type: "wait"; ms: number; next: OrderEvent }
  | { type: "notice"; reason: string };

export interface Step {
  state: OrderState;
  effects: readonly OrderEffect[];
}

export const noOrder: OrderState = { phase: "none" };

const ATTEMPTS_MAX = 5;
const RETRY_FIRST_MS = 250;
/**
 * An order that has not reached the server within this time is not sent again, and the server is
 * told with it to refuse it.
 */
export const ARRIVAL_MAX_MS = 8000;
const STARTING_RETRY_MS = 1000;
const LOOK_UP_EVERY_MS = 1500;
const STOP_RETRY_MS = 400;
const STOP_ARMED_AFTER_MS = 500;
const REST_MS = 1200;

/** Refusals of a server that did not even look at the key: a repeat may get one after a success. */
const blindRefusals = new Set([
  "too_many_requests",
  "starting",
  "store_failed",
  "overloaded",
  "shutting_down",
]);

type Open = Extract<OrderState, { phase: "asking" | "following" }>;

const stay = (state: OrderState): Step => ({ state, effects: [] });

const lookUpLater = (requestId: string): OrderEffect => ({
  type: "wait",
  ms: LOOK_UP_EVERY_MS,
  next: { type: "look_up_due", requestId },
});

function settle({ order }: Open, outcome: Outcome): Step {
  return {
    state: { phase: "settled", order, outcome, resting: true, glassLifted: false },
    effects: [
      { type: "forget", order },
      { type: "wait", ms: REST_MS, next: { type: "rested", requestId: order.requestId } },
    ],
  };
}

function follow(state: Open, arrival: Arrival, effect: OrderEffect): Step {
  return { state: { ...state, phase: "following", arrival }, effects: [effect] };
}

const doubted = ({ arrival }: Open): Arrival => (arrival === "known" ? "known" : "in_doubt");

/** Stop has been pressed: the order is not sent again. */
const isCalledOff = ({ stop }: Open): boolean => stop === "asked" || stop === "heard";

function mayStillArrive(order: Order, now: number): boolean {
  const age_ms = now - order.pressedAt;
  return age_ms >= 0 && age_ms < ARRIVAL_MAX_MS;
}

function onAnswer(state: Open, answer: OrderAnswer, now: number): Step {
  const { order, attempts } = state;
  const { requestId } = order;
  if (answer.kind === "taken") {
    return state.phase === "following"
      ? stay({ ...state, arrival: "known" })
      : follow(state, "known", lookUpLater(requestId));
  }
  const mayAskAgain = state.phase === "asking" && mayStillArrive(order, now) && !isCalledOff(state);
  if (answer.kind === "refused") {
    if (answer.code === "starting" && mayAskAgain) {
      const next: OrderEvent = { type: "retry_due", requestId };
      return { state, effects: [{ type: "wait", ms: STARTING_RETRY_MS, next }] };
    }
    const conclusive = attempts === 1 || !blindRefusals.has(answer.code);
    if (state.phase === "asking" && conclusive) {
      return settle(state, { kind: "refused", code: answer.code, reason: answer.reason });
    }
    return follow(state, state.arrival, { type: "look_up", requestId });
  }
  if (state.phase === "following") return stay(state);
  if (!mayAskAgain || attempts >= ATTEMPTS_MAX) {
    return follow(state, "in_doubt", { type: "look_up", requestId });
  }
  const ms = RETRY_FIRST_MS * 2 ** (attempts - 1);
  return {
    state: { ...state, arrival: "in_doubt" },
    effects: [{ type: "wait", ms, next: { type: "retry_due", requestId } }],
  };
}

function onLookUp(state: Open, result: LookUp, now: number): Step {
  const { requestId } = state.order;
  if (result.kind === "found") {
    const { receipt } = result;
    return receipt.final
      ? settle(state, { kind: "receipt", receipt })
      : follow(state, "known", lookUpLater(requestId));
  }
  const giveUp = result.kind === "not_found" && !mayStillArrive(state.order, now);
  return {
    state: { ...state, arrival: doubted(state) },
    effects: [giveUp ? { type: "give_up", requestId } : lookUpLater(requestId)],
  };
}

function onTap(state: OrderState, tap: Tap): Step {
  if (state.phase === "none" || state.order.tap !== tap.name) return stay(state);
  if (state.phase === "settled") {
    return tap.glass_present || state.glassLifted
      ? stay(state)
      : stay({ ...state, glassLifted: true });
  }
  const { requestId } = state.order;
  if (tap.last?.request_id === requestId && tap.last.final) {
    return settle(state, { kind: "receipt", receipt: tap.last });
  }
  if (tap.pour?.request_id !== requestId) return stay(state);
  if (state.phase === "asking") return follow(state, "known", lookUpLater(requestId));
  return state.arrival === "known" ? stay(state) : stay({ ...state, arrival: "known" });
}

function onStopAnswer(state: Open, result: StopResult): Step {
  const { requestId } = state.order;
  switch (result.kind) {
    case "given_up":
      return settle(state, { kind: "never_arrived" });
    case "stopped":
      return stay({ ...state, stop: "heard" });
    case "over":
      return follow({ ...state, stop: "heard" }, "known", { type: "look_up", requestId });
    case "failed":
      return {
        state: { ...state, stop: "armed" },
        effects: [{ type: "notice", reason: result.reason }],
      };
    case "lost": {
      const again: OrderEvent = { type: "stop_due", requestId };
      return {
        state: { ...state, arrival: doubted(state) },
        effects: [{ type: "wait", ms: STOP_RETRY_MS, next: again }],
      };
    }
  }
}

/** Anything but a clear answer is no answer: how it stands is looked up, and it is asked again. */
function onGiveUpAnswer(state: Open, result: StopResult): Step {
  return result.kind === "given_up"
    ? settle(state, { kind: "never_arrived" })
    : { state, effects: [lookUpLater(state.order.requestId)] };
}

function onDue(state: OrderState, type: OrderEvent["type"]): Step {
  if (state.phase === "none") return stay(state);
  const { requestId } = state.order;
  if (state.phase === "settled") {
    return type === "rested" ? stay({ ...state, resting: false }) : stay(state);
  }
  switch (type) {
    case "retry_due":
      if (state.phase !== "asking") return stay(state);
      if (isCalledOff(state)) {
        return follow(state, state.arrival, { type: "look_up", requestId });
      }
      return {
        state: { ...state, attempts: state.attempts + 1 },
        effects: [{ type: "place", order: state.order }],
      };
    case "look_up_due": {
      if (state.phase !== "following") return stay(state);
      const lookUp: OrderEffect = { type: "look_up", requestId };
      // A stop may have overtaken the order it was meant for: as long as that is open, say it
      // again.
      const effects =
        state.stop === "heard" ? [lookUp, { type: "stop_again", requestId } as const] : [lookUp];
      return { state, effects };
    }
    case "stop_due":
      return state.stop === "asked"
        ? { state, effects: [{ type: "stop_again", requestId }] }
        : stay(state);
    case "stop_armed":
      return state.stop === "not_armed" ? stay({ ...state, stop: "armed" }) : stay(state);
    default:
      return stay(state);
  }
}

function begin(order: Order): Step {
  return {
    state: { phase: "asking", order, attempts: 1, stop: "not_armed", arrival: "awaited" },
    effects: [
      { type: "remember", order },
      { type: "place", order },
      {
        type: "wait",
        ms: STOP_ARMED_AFTER_MS,
        next: { type: "stop_armed", requestId: order.requestId },
      },
    ],
  };
}

function isOpen(state: OrderState): state is Open {
  return state.phase === "asking" || state.phase === "following";
}

/** The order that is not settled yet, if there is one. */
export function openOrder(state: OrderState): Order | undefined {
  return isOpen(state) ? state.order : undefined;
}

/** Nobody knows whether the server has it; and it is asked again and again. */
export const isInDoubt = (state: OrderState): boolean =>
  isOpen(state) && state.arrival === "in_doubt";

/** `now` is the wall clock in ms, as `Order.pressedAt` is: it must outlive a reload. */
export function step(state: OrderState, event: OrderEvent, now: number): Step {
  switch (event.type) {
    case "pressed":
      return isOpen(state) || (state.phase === "settled" && state.resting)
        ? stay(state)
        : begin(event.order);
    case "restored":
      if (state.phase !== "none") return stay(state);
      return {
        state: {
          phase: "following",
          order: event.order,
          attempts: 1,
          stop: "armed",
          arrival: "awaited",
        },
        effects: [{ type: "look_up", requestId: event.order.requestId }],
      };
    case "tap_seen":
      return onTap(state, event.tap);
    case "stop_pressed":
      if (!isOpen(state) || state.stop !== "armed") return stay(state);
      return {
        state: { ...state, stop: "asked" },
        effects: [{ type: "stop", requestId: state.order.requestId }],
      };
    case "dismissed":
      return state.phase === "settled" ? stay(noOrder) : stay(state);
    default:
      break;
  }
  // What is left speaks of one order, and may come too late for it.
  if (state.phase === "none" || state.order.requestId !== event.requestId) return stay(state);
  if (isOpen(state)) {
    if (event.type === "answered") return onAnswer(state, event.answer, now);
    if (event.type === "looked_up") return onLookUp(state, event.result, now);
    if (event.type === "stop_answered") return onStopAnswer(state, event.result);
    if (event.type === "give_up_answered") return onGiveUpAnswer(state, event.result);
  }
  return onDue(state, event.type);
}
