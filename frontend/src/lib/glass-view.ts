/** A glass as it is drawn, whoever looks at it. Pure. */
import type { Receipt, Tap } from "@/types/wire";

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
