/** The glass under a tap, as far as this page has seen it. Pure. */
import { emptyGlass, filledGlass, type GlassView, runningGlass } from "@/lib/glass-view";
import type { Tap } from "@/types/wire";

/**
 * Per tap the pour whose glass stands under it, as far as this page has seen it: a glass is full
 * until somebody takes it away, and the next one is empty.
 */
export type Standing = ReadonlyMap<string, string>;

export const nothingStands: Standing = new Map();

/** The same object as before while nothing has changed. */
export function standingGlasses(before: Standing, taps: readonly Tap[]): Standing {
  const after = new Map<string, string>();
  for (const { name, pour, last, glass_present } of taps) {
    const seen = before.get(name);
    if (pour) after.set(name, pour.request_id);
    else if (seen !== undefined && glass_present && last?.request_id === seen)
      after.set(name, seen);
  }
  const same =
    after.size === before.size && [...after].every(([name, id]) => before.get(name) === id);
  return same ? before : after;
}

export interface WallTap {
  glass: GlassView;
  /** Who pours, or whose glass still stands there. */
  guest: string | undefined;
}

export function wallTap(tap: Tap, standing: Standing): WallTap {
  const { pour, last, name } = tap;
  if (pour) return { glass: runningGlass(tap, pour), guest: pour.user_token };
  if (last && standing.get(name) === last.request_id) {
    return { glass: filledGlass(last), guest: last.user_token };
  }
  return { glass: emptyGlass(!tap.glass_present, undefined), guest: undefined };
}
