/**
 * What only the host's overview is sent, checked as lib/wire.ts does it. Apart from that, which
 * every guest's phone loads.
 */
import * as v from "valibot";
import { instant_s, millilitres, sequence } from "@/lib/wire";

export const whySchema = v.object({
  tap: v.string(),
  ready: v.boolean(),
  interlocks: v.array(
    v.object({
      name: v.string(),
      ok: v.boolean(),
      value: v.string(),
      action: v.string(),
      kind: v.optional(v.string()),
    }),
  ),
  /** Which machine the tap knows for its own, and what answers at its address. */
  machine: v.object({
    known_id: v.nullable(v.string()),
    says_id: v.nullable(v.string()),
    says_tap: v.nullable(v.string()),
    /** How the two do not fit; null if they do. */
    mismatch: v.nullable(v.string()),
    /** Another tap whose machine it is. */
    machine_of: v.nullable(v.string()),
    also_at: v.array(v.string()),
    adoptable: v.boolean(),
  }),
});

export const totalsSchema = v.object({
  since: instant_s,
  taps: v.array(v.object({ tap: v.string(), pours: sequence, delivered_ml: millilitres })),
});

export type Why = v.InferOutput<typeof whySchema>;
export type Machine = Why["machine"];
export type Interlock = Why["interlocks"][number];
export type Totals = v.InferOutput<typeof totalsSchema>;
export type TapTotal = Totals["taps"][number];
