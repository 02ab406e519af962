/** What the guest's screen shows, worked out from what is known. Pure. */
import type { Link } from "@/lib/live-state";
import { type OrderState, openOrder } from "@/lib/order";
import { texts } from "@/lib/texts";
import type { Tap } from "@/types/wire";

/** What the one big button does now, and what it says. */
export type PourButtonView =
  | { kind: "pour" }
  | { kind: "stop" }
  /** Something is under way that a press cannot help. */
  | { kind: "busy"; label: string }
  /** It has just ended: a press now was meant for STOP. */
  | { kind: "resting" }
  | { kind: "blocked"; label: string; missing?: "guest" | "amount" };

export interface PourInputs {
  link: Link;
  tap: Tap | undefined;
  order: OrderState;
  guest: string | undefined;
  amountMl: number | undefined;
}

/** What the guest reads on the button for a code of the server's. */
function blockedLabel(code: string): string | undefined {
  const { blocked } = texts;
  const labels: Record<string, string> = {
    offline: blocked.offline,
    no_glass: blocked.no_glass,
    stopped: blocked.stopped,
    busy: blocked.someone_else,
    unclear_pour: blocked.unclear,
  };
  return labels[code];
}

/** A server's sentence as a label: without its full stop. */
const asLabel = (sentence: string): string => sentence.replace(/\.\s*$/, "");

/** Why this tap takes no order now, or nothing if it does. */
export function tapBlock(tap: Tap): string | undefined {
  if (tap.pour) {
    return tap.pour.state === "unclear" ? texts.blocked.unclear : texts.blocked.someone_else;
  }
  if (tap.blocked_by) {
    const { code, reason } = tap.blocked_by;
    const fault = code === "device_fault" ? texts.blocked.fault[tap.faults[0] ?? ""] : undefined;
    return fault ?? blockedLabel(code) ?? asLabel(texts.reason(code, reason));
  }
  return tap.ready ? undefined : texts.blocked.not_ready;
}

export function pourButtonView(inputs: PourInputs): PourButtonView {
  const { link, tap, order, guest, amountMl } = inputs;
  if (order.phase === "asking" || order.phase === "following") {
    // STOP stays pressable while the stream is down: stopping is always safe.
    if (order.stop === "armed") return { kind: "stop" };
    const stopping = order.stop === "asked" || order.stop === "heard";
    return { kind: "busy", label: stopping ? texts.button.stopping : texts.button.starting };
  }
  if (order.phase === "settled" && order.resting) {
    return { kind: "resting" };
  }
  if (link !== "live") {
    const label = link === "connecting" ? texts.blocked.connecting : texts.blocked.reconnecting;
    return { kind: "blocked", label };
  }
  if (!tap) return { kind: "blocked", label: texts.blocked.no_tap };
  const block = tapBlock(tap);
  if (block !== undefined) return { kind: "blocked", label: block };
  if (guest === undefined) {
    return { kind: "blocked", label: texts.blocked.no_name, missing: "guest" };
  }
  if (amountMl === undefined) {
    return { kind: "blocked", label: texts.blocked.no_amount, missing: "amount" };
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

export function glassView({ tap, order, amountMl }: PourInputs): GlassView {
  const absent = !tap?.glass_present;
  const pour = tap?.pour;
  if (pour) {
    return {
      pourId: pour.request_id,
      pouring: true,
      absent,
      flowing: pour.state === "accepted" && tap.state === "pouring",
      targetMl: pour.requested_ml,
      filledMl: pour.delivered_ml ?? undefined,
    };
  }
  const still = { absent, flowing: false };
  const open = openOrder(order);
  if (open) {
    const { requestId, amountMl: targetMl } = open;
    return { ...still, pourId: requestId, pouring: true, targetMl, filledMl: 0 };
  }
  const inPlace = order.phase === "settled" && !order.glassLifted && !absent;
  if (inPlace && order.outcome.kind === "receipt") {
    const { state, request_id, amount_ml, delivered_ml } = order.outcome.receipt;
    const filledMl = delivered_ml ?? (state === "done" ? amount_ml : undefined);
    return { ...still, pourId: request_id, pouring: false, targetMl: amount_ml, filledMl };
  }
  return { ...still, pourId: undefined, pouring: false, targetMl: amountMl, filledMl: 0 };
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
