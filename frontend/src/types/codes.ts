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
export type MeasuredBy = NonNullable<Documents["Receipt"]["measured_by"]>;
export type Mismatch = NonNullable<Documents["MachineView"]["mismatch"]>;
export type StopCode = Documents["TapStop"]["code"];

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

/** Refusals that are the cause of no pour's state; the document leaves their codes open. */
export type RefusalCode =
  | "stopped_again"
  | "store_failed"
  | "overloaded"
  | "too_many_requests"
  | "key_conflict"
  | "unknown_tap"
  | "cannot_stop"
  | "no_answer";
