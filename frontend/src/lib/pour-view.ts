/** What the guest's screen shows, worked out from what is known. Pure. */

import type { Link } from "@/lib/live-state";
import { type OrderState, openOrder } from "@/lib/order";
import { reasonWords, wordOf } from "@/lib/reason-words";
import { texts } from "@/lib/texts";
import { pourTexts } from "@/lib/texts/pour";
import type { Cause } from "@/types/codes";
import type { Receipt, Tap } from "@/types/wire";

/** What the one big button does now, and what it says. */
export type PourButtonView =
  | { kind: "pour" }
  | { kind: "stop" }
  /** Something is under way that a press cannot help. */
  | { kind: "busy"; label: string }
  /** It has just ended: a press now was meant for STOP. */
  | { kind: "resting" }
  | ({ kind: "blocked"; missing?: "guest" | "amount" } & Block);

/** Why there can be no pour now: what the button says, and the sign beside it. */
export interface Block {
  label: string;
  sign: "person" | "amount" | "glass" | "wait" | "link" | "stopped" | "fault";
}

export interface PourInputs {
  link: Link;
  tap: Tap | undefined;
  /** There are taps, if none is chosen. */
  mayChoose: boolean;
  order: OrderState;
  guest: string | undefined;
  amountMl: number | undefined;
}

/** What the guest reads on the button for a code of the server's. */
function blockOfCode(code: string): Block | undefined {
  const { blocked } = pourTexts;
  const blocks: Partial<Record<Cause, Block>> = {
    offline: { label: blocked.offline, sign: "link" },
    no_glass: { label: blocked.no_glass, sign: "glass" },
    stopped: { label: blocked.stopped, sign: "stopped" },
    busy: { label: blocked.someone_else, sign: "wait" },
    unclear_pour: { label: blocked.unclear, sign: "wait" },
  };
  return wordOf(blocks, code);
}

/** A server's sentence as a label: without its full stop. */
const asLabel = (sentence: string): string => sentence.replace(/\.\s*$/, "");

/** Why this tap takes no order now, or nothing if it does. */
export function tapBlock(tap: Tap): Block | undefined {
  const { blocked } = pourTexts;
  if (tap.pour) {
    const label = tap.pour.state === "unclear" ? blocked.unclear : blocked.someone_else;
    return { label, sign: "wait" };
  }
  if (tap.blocked_by) {
    const { code, reason } = tap.blocked_by;
    const fault =
      code === "device_fault" ? wordOf(blocked.fault, tap.faults[0] ?? null) : undefined;
    const known = fault === undefined ? blockOfCode(code) : undefined;
    return known ?? { label: fault ?? asLabel(reasonWords(code, reason)), sign: "fault" };
  }
  return tap.ready ? undefined : { label: blocked.not_ready, sign: "wait" };
}

export function pourButtonView(inputs: PourInputs): PourButtonView {
  const { link, tap, mayChoose, order, guest, amountMl } = inputs;
  if (order.phase === "asking" || order.phase === "following") {
    // STOP stays pressable while the stream is down: stopping is always safe.
    if (order.stop === "armed") return { kind: "stop" };
    const stopping = order.stop === "asked" || order.stop === "heard";
    return {
      kind: "busy",
      label: stopping ? pourTexts.button.stopping : pourTexts.button.starting,
    };
  }
  if (order.phase === "settled" && order.resting) {
    return { kind: "resting" };
  }
  if (link !== "live") {
    const label =
      link === "connecting" ? pourTexts.blocked.connecting : pourTexts.blocked.reconnecting;
    return { kind: "blocked", label, sign: "link" };
  }
  if (!tap) {
    const { choose_tap, no_tap } = pourTexts.blocked;
    return { kind: "blocked", label: mayChoose ? choose_tap : no_tap, sign: "link" };
  }
  const block = tapBlock(tap);
  if (block !== undefined) return { kind: "blocked", ...block };
  if (guest === undefined) {
    return { kind: "blocked", label: pourTexts.blocked.no_name, sign: "person", missing: "guest" };
  }
  if (amountMl === undefined) {
    return {
      kind: "blocked",
      label: pourTexts.blocked.no_amount,
      sign: "amount",
      missing: "amount",
    };
  }
  return { kind: "pour" };
}

/** What is drawn in the glass. */
export interface GlassView {
  /** Whose liquid it is: another pour's never sinks or rises from this one's level. */
  pourId: string | undefined;
  /** That pour is under way. */
  pouring: boolean;
  /** No glass under the spout: drawn as an outline to be filled. */
  absent: boolean;
  /** Liquid is running. */
  flowing: boolean;
  /** The line to fill to. */
  targetMl: number | undefined;
  /** The liquid in it as last reported; nothing when nobody knows. */
  filledMl: number | undefined;
}

/** The glass under a tap whose pour is under way. */
export function runningGlass(tap: Tap, pour: NonNullable<Tap["pour"]>): GlassView {
  return {
    pourId: pour.request_id,
    pouring: true,
    absent: !tap.glass_present,
    flowing: pour.state === "accepted" && tap.state === "pouring",
    targetMl: pour.requested_ml || undefined,
    filledMl: pour.delivered_ml ?? undefined,
  };
}

/** The glass that still stands where it was poured into. */
export function filledGlass({ state, request_id, amount_ml, delivered_ml }: Receipt): GlassView {
  return {
    pourId: request_id,
    pouring: false,
    absent: false,
    flowing: false,
    targetMl: amount_ml,
    filledMl: delivered_ml ?? (state === "done" ? amount_ml : undefined),
  };
}

/** A glass with nothing in it that we know of, or the place where one should stand. */
export function emptyGlass(absent: boolean, targetMl: number | undefined): GlassView {
  return { pourId: undefined, pouring: false, absent, flowing: false, targetMl, filledMl: 0 };
}

export function glassView({ tap, order, amountMl }: PourInputs): GlassView {
  if (tap?.pour) return runningGlass(tap, tap.pour);
  const absent = !tap?.glass_present;
  const open = openOrder(order);
  if (open) {
    const empty = emptyGlass(absent, open.amountMl);
    return { ...empty, pourId: open.requestId, pouring: true };
  }
  const inPlace = order.phase === "settled" && !order.glassLifted && !absent;
  if (inPlace && order.outcome.kind === "receipt") return filledGlass(order.outcome.receipt);
  return emptyGlass(absent, amountMl);
}

export type Tone = "good" | "busy" | "wait" | "bad";

/** The word on a tap at a glance. */
export function tapBadge(tap: Tap): { label: string; tone: Tone } {
  const { state } = texts.tap;
  if (!tap.online) return { label: state.offline, tone: "bad" };
  if (tap.pour?.state === "unclear") return { label: state.checking, tone: "wait" };
  if (tap.pour || tap.state === "pouring") return { label: state.pouring, tone: "busy" };
  if (tap.stopped) return { label: state.stopped, tone: "bad" };
  if (tap.ready) return { label: state.ready, tone: "good" };
  if (tap.blocked_by?.code === "no_glass") return { label: state.noGlass, tone: "wait" };
  return { label: state.attention, tone: "bad" };
}
