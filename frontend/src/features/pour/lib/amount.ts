import { AMOUNT_MAX_ML, AMOUNT_MIN_ML } from "@/lib/limits";

export const AMOUNT_PRESETS_ML = [15, 30, 45] as const;

export type AmountInput =
  | { kind: "amount"; ml: number }
  | { kind: "empty" }
  | { kind: "not_a_number" }
  | { kind: "too_small" }
  | { kind: "too_large" };

/** Reads what somebody typed. Whole millilitres only; nothing is rounded or clamped silently. */
export function readAmount(text: string): AmountInput {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "empty" };
  if (/^-\d+$/.test(trimmed)) return { kind: "too_small" };
  if (!/^\d+$/.test(trimmed)) return { kind: "not_a_number" };
  const ml = Number(trimmed);
  if (ml < AMOUNT_MIN_ML) return { kind: "too_small" };
  if (ml > AMOUNT_MAX_ML) return { kind: "too_large" };
  return { kind: "amount", ml };
}

/** One press of the stepper, kept within the limits. */
export function stepAmount(ml: number, by: number): number {
  return Math.min(AMOUNT_MAX_ML, Math.max(AMOUNT_MIN_ML, ml + by));
}
