/**
 * What is pressed goes before what is read. A browser opens six connections to a server for all its
 * windows; when slow answers hold them, a STOP would wait in the browser. So a press ends all that
 * is being read, in every window, and that is asked again a moment later, behind the press.
 */

const CHANNEL = "pourtocol.press.1";
/** As long as it takes a press to be handed to the network. */
const HOLD_MS = 300;

export class RightOfWay {
  readonly #reads = new Set<AbortController>();
  readonly #channel = openChannel();
  #held: Promise<void> | undefined;

  constructor() {
    if (this.#channel) this.#channel.onmessage = () => this.#giveWay();
  }

  /** Something is pressed in this window, and sent right after. */
  press(): void {
    this.#channel?.postMessage("press");
    this.#giveWay();
  }

  /** Runs `read` to its end, from its beginning again whenever it had to make way. */
  async read<Answer>(read: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      await this.#held;
      const way = new AbortController();
      this.#reads.add(way);
      try {
        return await read(way.signal);
      } catch (error) {
        if (!way.signal.aborted) throw error;
      } finally {
        this.#reads.delete(way);
      }
    }
  }

  #giveWay(): void {
    const held = new Promise<void>((resolve) => {
      setTimeout(() => {
        if (this.#held === held) this.#held = undefined;
        resolve();
      }, HOLD_MS);
    });
    this.#held = held;
    for (const way of this.#reads) way.abort();
  }
}

/** Nothing where the browser has none: then a press ends what its own window reads. */
function openChannel(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(CHANNEL);
  } catch {
    return undefined;
  }
}

export const rightOfWay = new RightOfWay();
