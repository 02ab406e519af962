/**
 * The codes that the server sends, as its own document (openapi.json) lists them. Whatever has a
 * text for each is held against these when the page is compiled: test/codes-contract.test.ts. A
 * newer server may send others, so what is read from the wire stays a string.
 */
import type { components } from "../../generated/openapi";

type Documents = components["schemas"];

export type Cause = Documents["Cause"];
export type Fault = Documents["Fault"];
export type StopReason = Documents["StopReason"];
export type PourState = Documents["PourState"];
export type ResetReason = Documents["ResetReason"];
export type RowPurpose = Documents["RowPurpose"];
export type MeasuredBy = Documents["MeasuredBy"];
export type Mismatch = Documents["Mismatch"];
export type StopCode = Documents["TapStopCode"];
export type InterlockName = Documents["InterlockName"];
export type InterlockKind = Documents["InterlockKind"];

/** Causes of a step on the way; no refusal and no ending is told by one of these. */
export type StepCause =
  | "checks_passed"
  | "device_accepted"
  | "answer_timed_out"
  | "connection_lost"
  | "device_error"
  | "not_the_contract"
  | "wrong_request_id"
  | "server_restarted"
  | "device_rebooted"
  | "contact_lost"
  | "no_trace"
  | "sent_again"
  | "idle_again"
  | "seen_pouring"
  | "device_reported"
  | "power_lost"
  | "boot_changed";

/**
 * Why what is asked for here is not done: an order, a stop, a resume, a takeover. A bad_request is
 * told by its sentence, which alone says what was not understood.
 */
export type RefusalCode = Exclude<
  | Documents["OrderRefusalCode"]
  | Documents["ControlRefusalCode"]
  | Documents["TakeoverRefusalCode"]
  | Exclude<StopCode, "stopped" | "not_pouring">,
  "bad_request"
>;
