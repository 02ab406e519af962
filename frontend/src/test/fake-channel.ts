import { vi } from "vitest";

/** The windows' common channels in the test's hands: what is said is heard when it delivers. */
export class FakeChannel {
  static #open = new Set<FakeChannel>();
  static #underway: { from: FakeChannel; data: unknown }[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  /** A window that is frozen, or has crashed: it hears nothing and says nothing. */
  dead = false;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
    FakeChannel.#open.add(this);
  }

  static install(): void {
    FakeChannel.#open.clear();
    FakeChannel.#underway = [];
    vi.stubGlobal("BroadcastChannel", FakeChannel);
  }

  /** The channels of that name, in the order in which they were opened. */
  static named(name: string): FakeChannel[] {
    return [...FakeChannel.#open].filter((channel) => channel.name === name);
  }

  /** Delivers all that was said, and what is said in answer. */
  static deliver(): void {
    for (;;) {
      const word = FakeChannel.#underway.shift();
      if (!word) return;
      for (const channel of FakeChannel.#open) {
        if (channel === word.from || channel.dead || channel.name !== word.from.name) continue;
        channel.onmessage?.({ data: structuredClone(word.data) });
      }
    }
  }

  postMessage(data: unknown): void {
    if (!this.dead) FakeChannel.#underway.push({ from: this, data });
  }

  close(): void {
    FakeChannel.#open.delete(this);
  }
}
