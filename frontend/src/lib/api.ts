/** The server's HTTP API, one function per request. None throws: each answer says what is known. */

import { rightOfWay } from "@/lib/right-of-way";
import type { Order } from "@/lib/storage";
import {
  dispenseAnswerSchema,
  logRowsSchema,
  parseJson,
  receiptSchema,
  stopAnswerSchema,
  wishAnswerSchema,
} from "@/lib/wire";
import type { LogRow, Receipt } from "@/types/wire";

/** Longer than the server's own patience with a device (2 s), so that its answer is heard. */
const ANSWER_TIMEOUT_MS = 5000;

export interface Answer {
  status: number;
  body: string;
}

async function send(path: string, init: RequestInit, given: AbortSignal): Promise<Answer> {
  const bounded = new AbortController();
  const end = () => bounded.abort();
  const timer = setTimeout(end, ANSWER_TIMEOUT_MS);
  given.addEventListener("abort", end);
  try {
    const response = await fetch(path, { ...init, signal: bounded.signal });
    return { status: response.status, body: await response.text() };
  } finally {
    clearTimeout(timer);
    given.removeEventListener("abort", end);
  }
}

/**
 * A whole HTTP answer, or nothing: refused, reset, timed out. What is only read makes way for what
 * is pressed, and is asked again.
 */
export async function ask(path: string, init: RequestInit = {}): Promise<Answer | undefined> {
  try {
    return await rightOfWay.read((signal) => send(path, init, signal));
  } catch {
    return undefined;
  }
}

/** Whether somebody has pressed it just now, or the page says it again by itself. */
export type SaidBy = "press" | "itself";

/** What somebody has pressed goes before all that any window of this browser reads. */
export async function post(
  path: string,
  body: unknown,
  by: SaidBy = "press",
): Promise<Answer | undefined> {
  if (by === "press") rightOfWay.press();
  const init: RequestInit = {
    method: "POST",
    // A page that is reloaded or closed right after the press still gets its order, or its stop,
    // out.
    keepalive: true,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  try {
    return await send(path, init, new AbortController().signal);
  } catch {
    return undefined;
  }
}

/**
 * What the answer to an order proves. `lost` covers everything that is not an answer of our server
 * (no answer, a proxy's error page): the order may or may not have arrived.
 */
export type OrderAnswer =
  | { kind: "taken" }
  | { kind: "refused"; code: string; reason: string }
  | { kind: "lost" };

/** Places an order. Repeating it with the same id is safe: the server never pours one id twice. */
export async function placeOrder(order: Order, by: SaidBy): Promise<OrderAnswer> {
  const wish = {
    amount_ml: order.amountMl,
    user_token: order.userToken,
    tap: order.tap,
    request_id: order.requestId,
    ...order.deadline,
  };
  const answer = await post("/api/dispense", wish, by);
  const parsed = answer && parseJson(dispenseAnswerSchema, answer.body);
  if (!parsed) return { kind: "lost" };
  if (parsed.success) return { kind: "taken" };
  // The device did not answer: it may be pouring, and the server is finding out.
  if (parsed.code === "no_answer") return { kind: "taken" };
  return { kind: "refused", code: parsed.code, reason: parsed.reason };
}

export type Admission =
  | { kind: "admitted" }
  | { kind: "refused"; reason: string }
  | { kind: "lost" };

/** Whether an order or a stop from this page, and the way it came, would be taken. */
export async function askAdmission(): Promise<Admission> {
  const answer = await post("/api/admission", {}, "itself");
  const parsed = answer && parseJson(wishAnswerSchema, answer.body);
  if (answer && parsed?.success) return { kind: "admitted" };
  const judged = parsed && (answer?.status === 403 || answer?.status === 421);
  return judged && !parsed.success ? { kind: "refused", reason: parsed.reason } : { kind: "lost" };
}

export type LookUp = { kind: "found"; receipt: Receipt } | { kind: "not_found" } | { kind: "lost" };

/** How the pour of that id stands. */
export async function lookUpPour(requestId: string): Promise<LookUp> {
  const answer = await ask(`/api/pours/${encodeURIComponent(requestId)}`);
  if (!answer) return { kind: "lost" };
  const receipt = answer.status === 200 ? parseJson(receiptSchema, answer.body) : undefined;
  if (receipt) return { kind: "found", receipt };
  const refusal = parseJson(dispenseAnswerSchema, answer.body);
  const unknown = refusal && !refusal.success && refusal.code === "unknown_request";
  return answer.status === 404 && unknown ? { kind: "not_found" } : { kind: "lost" };
}

export type StopResult =
  | { kind: "stopped" }
  /** The server had never heard of it, and from now on refuses it, however late it comes. */
  | { kind: "given_up" }
  /** It has ended already. */
  | { kind: "over" }
  | { kind: "failed"; reason: string }
  /** No answer, or one that does not say how it stands: it has to be asked again. */
  | { kind: "lost" };

/** Refusals of a server that could not look: the order may come yet. */
const saysNothing = new Set([
  "too_many_requests",
  "starting",
  "store_failed",
  "overloaded",
  "shutting_down",
]);

/** Ends that one pour; one that the server does not know is given up for ever. */
export async function stopPour(requestId: string, by: SaidBy): Promise<StopResult> {
  const answer = await post("/api/stop", { request_id: requestId }, by);
  const parsed = answer && parseJson(stopAnswerSchema, answer.body);
  if (!parsed) return { kind: "lost" };
  if (!parsed.success) {
    if (parsed.code === "unknown_request") return { kind: "over" };
    return saysNothing.has(parsed.code)
      ? { kind: "lost" }
      : { kind: "failed", reason: parsed.reason };
  }
  if (parsed.code === "given_up") return { kind: "given_up" };
  const failure = parsed.taps.find(({ code }) => code === "cannot_stop" || code === "no_answer");
  return failure ? { kind: "failed", reason: failure.reason } : { kind: "stopped" };
}

/** The newest rows of the log, newest first; nothing if the server did not answer. */
export async function fetchLog(limit: number): Promise<LogRow[] | undefined> {
  const answer = await ask(`/api/logs?limit=${limit}`);
  return answer?.status === 200 ? parseJson(logRowsSchema, answer.body) : undefined;
}
