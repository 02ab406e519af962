/** Where liquid stands in the drawn glass, in the drawing's units (y grows downwards). Pure. */
import { AMOUNT_MAX_ML } from "@/lib/limits";

const BOTTOM_Y = 208;
const TOP_Y = 18;

/** A small drink stands lower than a large one, yet a single ml must still be seen rising. */
function targetHeight(targetMl: number): number {
  const share = Math.min(1, Math.max(0, targetMl / AMOUNT_MAX_ML));
  return (BOTTOM_Y - TOP_Y) * (0.28 + 0.6 * share);
}

/**
 * The surface when `filledMl` of `targetMl` are in: exactly on the line when all of it is. What was
 * poured beyond it shows above the line, as far as the glass goes.
 */
export function levelY(filledMl: number, targetMl: number): number {
  const share = targetMl > 0 ? Math.max(0, filledMl / targetMl) : 0;
  return Math.max(TOP_Y, BOTTOM_Y - targetHeight(targetMl) * share);
}
