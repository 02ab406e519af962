/** What the guest's screen shows, worked out from what is known. Pure. */

import { type OrderState, openOrder } from "@/features/pour/lib/order";
import { pourTexts } from "@/features/pour/texts";
import { emptyGlass, filledGlass, type GlassView, runningGlass } from "@/lib/glass-view";
import type { Link } from "@/lib/live-state";
import { reasonWords, wordOf } from "@/lib/reason-words";
import type { Cause } from "@/types/codes";
import type { Tap } from "@/types/wire";

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
