/** A tap at a glance. Pure. */
import { texts } from "@/lib/texts";
import type { Tap } from "@/types/wire";

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
