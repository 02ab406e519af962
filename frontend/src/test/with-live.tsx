import { type ReactNode, useLayoutEffect, useState } from "react";
import { LiveContext } from "@/hooks/use-live";
import type { LiveState } from "@/lib/live-state";
import type { LiveSource } from "@/lib/live-watch";

/** A live state that a test says itself. */
export class ToldLive implements LiveSource {
  #state: LiveState;
  readonly #listeners = new Set<() => void>();

  constructor(state: LiveState) {
    this.#state = state;
  }

  readonly getState = () => this.#state;
  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  tell(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** What stands in it sees that live state; another one is told as the stream would. */
export function WithLive({ live, children }: { live: LiveState; children: ReactNode }) {
  const [source] = useState(() => new ToldLive(live));
  useLayoutEffect(() => source.tell(live), [source, live]);
  return <LiveContext value={source}>{children}</LiveContext>;
}
