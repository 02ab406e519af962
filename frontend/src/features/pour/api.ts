/** What a guest asks of the server. None throws: each answer says what is known. */
import { post, type SaidBy } from "@/lib/api";
import type { Order } from "@/lib/storage";
import { dispenseAnswerSchema, parseJson, stopAnswerSchema } from "@/lib/wire";

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
