/** The server's HTTP API, one function per request. None throws: each answer says what is known. */

import { rightOfWay } from "@/lib/right-of-way";
import {
  dispenseAnswerSchema,
  logRowsSchema,
  parseJson,
  receiptSchema,
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

/** The newest rows of the log, newest first; nothing if the server did not answer. */
export async function fetchLog(limit: number): Promise<LogRow[] | undefined> {
  const answer = await ask(`/api/logs?limit=${limit}`);
  return answer?.status === 200 ? parseJson(logRowsSchema, answer.body) : undefined;
}
