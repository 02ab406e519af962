/**
 * What the server sends, checked. Here, and for what only one view asks in its feature's `lib`, a
 * message from outside becomes a typed value: everything above works with the types derived from
 * these schemas (`types/wire.ts`). Fields that are not named here are dropped, so a newer server
 * may add some.
 */
import * as v from "valibot";

export const millilitres = v.pipe(v.number(), v.finite(), v.minValue(0));
/** What a `Date` can hold: a time beyond could not be shown. */
const INSTANT_MAX_MS = 8.64e15;
const instant_ms = v.pipe(v.number(), v.minValue(-INSTANT_MAX_MS), v.maxValue(INSTANT_MAX_MS));
export const instant_s = v.pipe(
  v.number(),
  v.minValue(-INSTANT_MAX_MS / 1000),
  v.maxValue(INSTANT_MAX_MS / 1000),
);
export const sequence = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** The states of safety.md §3 as the server names them. */
const pourState = v.picklist([
  "refused",
  "sending",
  "accepted",
  "unclear",
  "not_sent",
  "rejected",
  "done",
  "partial",
  "not_poured",
  "unknown",
]);

const logStatus = v.picklist(["started", "success", "failed"]);

const historyEntrySchema = v.object({
  at: instant_s,
  from: v.string(),
  to: v.string(),
  code: v.string(),
  detail: v.string(),
});

/** How one pour stands. `final` receipts no longer change. */
export const receiptSchema = v.object({
  request_id: v.string(),
  tap: v.string(),
  user_token: v.string(),
  amount_ml: v.number(),
  state: pourState,
  final: v.boolean(),
  status: logStatus,
  code: v.string(),
  reason: v.string(),
  delivered_ml: v.nullable(millilitres),
  uncertainty_ml: v.nullable(millilitres),
  ml_min: v.nullable(millilitres),
  ml_max: v.nullable(millilitres),
  measured_by: v.nullable(v.string()),
  stop_reason: v.nullable(v.string()),
  started_at: instant_s,
  updated_at: instant_s,
  history: v.optional(v.array(historyEntrySchema)),
});

const runningPourSchema = v.object({
  request_id: v.string(),
  user_token: v.string(),
  /** 0 of a run of the host's that goes by time. */
  requested_ml: millilitres,
  /** Null while the device does not say: one of the seed's contract never does. */
  delivered_ml: v.nullable(millilitres),
  state: v.picklist(["starting", "sending", "accepted", "unclear"]),
  /** "pour", or what the host has the machine do. */
  purpose: v.string(),
});

export const tapSchema = v.object({
  name: v.string(),
  /** What it pours, as the host calls it. */
  drink: v.nullable(v.string()),
  /** The NFC tag that lies on the machine's reader. */
  tag: v.nullable(v.string()),
  online: v.boolean(),
  /** other: the machine has a word of its own for what it does. */
  state: v.picklist(["idle", "pouring", "other", "offline", "error"]),
  glass_present: v.boolean(),
  uptime: v.number(),
  last_pour_ml: v.nullable(millilitres),
  protocol: v.nullable(v.number()),
  /** Why the machine started; null if it does not say. */
  reset_reason: v.nullable(v.string()),
  stopped: v.boolean(),
  /** The number of its newest stop; 0 if it is not stopped, or that is not in the log yet. */
  stop_id: sequence,
  faults: v.array(v.string()),
  ready: v.boolean(),
  blocked_by: v.nullable(v.object({ code: v.string(), reason: v.string() })),
  pour: v.nullable(runningPourSchema),
  last: v.nullable(receiptSchema),
});

export const statusSchema = v.object({
  version: sequence,
  timestamp: instant_s,
  /** How long this run of the server has lasted, by a clock that nobody sets. */
  uptime_ms: v.optional(sequence),
  /** Where guests reach the page, if the host has said so. */
  public_url: v.nullable(v.string()),
  taps: v.array(tapSchema),
});

export const logRowSchema = v.object({
  id: sequence,
  timestamp_ms: instant_ms,
  user_token: v.string(),
  amount_ml: v.number(),
  status: logStatus,
  reason: v.nullable(v.string()),
  code: v.nullable(v.string()),
  stop_reason: v.nullable(v.string()),
  tap: v.string(),
  request_id: v.string(),
  outcome: v.string(),
  delivered_ml: v.nullable(millilitres),
  ml_min: v.nullable(millilitres),
  ml_max: v.nullable(millilitres),
  /** "pour", what the host had the machine do, or "calibration" or "machine": then no pump ran. */
  purpose: v.string(),
});

export const logRowsSchema = v.array(logRowSchema);

/** The live stream: one schema per `event:` name. */
export const liveSchemas = {
  snapshot: v.object({
    version: sequence,
    server_id: v.string(),
    status: statusSchema,
    last_log_id: sequence,
  }),
  tap: v.object({ version: sequence, tap: tapSchema }),
  log: v.object({ version: sequence, row: logRowSchema }),
  heartbeat: v.object({
    version: sequence,
    timestamp: instant_s,
    uptime_ms: v.optional(sequence),
  }),
};

/** The answer to an order. A server that settles it later says `success` with 202. */
export const dispenseAnswerSchema = v.variant("success", [
  v.object({ success: v.literal(true), request_id: v.string() }),
  v.object({ success: v.literal(false), reason: v.string(), code: v.string() }),
]);

const tapStopsSchema = v.array(v.object({ tap: v.string(), code: v.string(), reason: v.string() }));

export const stopAnswerSchema = v.variant("success", [
  v.object({
    success: v.literal(true),
    /** "given_up": of a pour that the server did not know. */
    code: v.optional(v.string()),
    taps: tapStopsSchema,
  }),
  v.object({
    success: v.literal(false),
    reason: v.string(),
    code: v.string(),
    /** What the machines said although something else failed. */
    taps: v.optional(tapStopsSchema),
  }),
]);

/** The answer to a wish that either comes true or is refused, and to nothing else. */
export const wishAnswerSchema = v.variant("success", [
  v.object({ success: v.literal(true) }),
  v.object({ success: v.literal(false), reason: v.string(), code: v.string() }),
]);

/** The typed value, or nothing if `text` is not JSON of that shape. */
export function parseJson<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
): v.InferOutput<Schema> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const result = v.safeParse(schema, value);
  return result.success ? result.output : undefined;
}
