/** Carries out what the order's state machine asks for, and tells it what came of it. */

import { placeOrder, stopPour } from "@/features/pour/api";
import {
  noOrder,
  type OrderEffect,
  type OrderEvent,
  type OrderState,
  step,
} from "@/features/pour/lib/order";
import { lookUpPour, type SaidBy } from "@/lib/api";
import { phoneNow } from "@/lib/clock";
import { forgetOrder, type Order, rememberedOrder, rememberOrder } from "@/lib/storage";

export class OrderRunner {
  #state: OrderState = noOrder;
  readonly #listeners = new Set<() => void>();
  /** One timer per kind of event: a later wait for the same replaces the earlier. */
  readonly #timers = new Map<OrderEvent["type"], ReturnType<typeof setTimeout>>();
  readonly #onNotice: (reason: string) => void;

  /** `onNotice` is told what a guest should read at once, in the server's words. */
  constructor(onNotice: (reason: string) => void) {
    this.#onNotice = onNotice;
  }

  readonly getState = (): OrderState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes up an order that was open when the page was last left. */
  start(): void {
    const order = rememberedOrder();
    if (order) this.handle({ type: "restored", order });
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#state = noOrder;
  }

  readonly handle = (event: OrderEvent): void => {
    const { state, effects } = step(this.#state, event, phoneNow());
    const changed = state !== this.#state;
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    if (changed) for (const listener of this.#listeners) listener();
  };

  #carryOut(effect: OrderEffect): void {
    switch (effect.type) {
      case "remember":
        rememberOrder(effect.order);
        break;
      case "forget":
        forgetOrder(effect.order);
        break;
      case "notice":
        this.#onNotice(effect.reason);
        break;
      case "wait":
        this.#wait(effect.ms, effect.next);
        break;
      case "place":
        void this.#place(effect.order);
        break;
      case "look_up":
        void this.#lookUp(effect.requestId);
        break;
      case "stop":
      case "stop_again":
        void this.#stopPour(effect.requestId, effect.type === "stop" ? "press" : "itself");
        break;
      case "give_up":
        void this.#giveUp(effect.requestId);
        break;
    }
  }

  #wait(ms: number, next: OrderEvent): void {
    clearTimeout(this.#timers.get(next.type));
    this.#timers.set(
      next.type,
      setTimeout(() => this.handle(next), ms),
    );
  }

  async #place(order: Order) {
    const { requestId } = order;
    const state = this.#state;
    const by = state.phase === "asking" && state.attempts > 1 ? "itself" : "press";
    this.handle({ type: "answered", requestId, answer: await placeOrder(order, by) });
  }

  async #lookUp(requestId: string) {
    this.handle({ type: "looked_up", requestId, result: await lookUpPour(requestId) });
  }

  async #stopPour(requestId: string, by: SaidBy) {
    this.handle({ type: "stop_answered", requestId, result: await stopPour(requestId, by) });
  }

  async #giveUp(requestId: string) {
    const result = await stopPour(requestId, "itself");
    this.handle({ type: "give_up_answered", requestId, result });
  }
}
