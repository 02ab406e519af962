/**
 * Keeps the live stream open and its state current.
 *
 * A browser's EventSource gives up for good on an HTTP error and never notices a half-open line, so
 * this one closes and reopens it by itself: after an error, after a silence longer than two
 * heartbeats, on a missed or unreadable message, and whenever the page comes back to the front. A
 * hidden page holds no connection: browsers allow six per host, and a phone in a pocket needs none.
 * For the same reason all windows of a browser share one (lib/shared-line.ts); each of them makes
 * its own state of what is said.
 */
import { fetchLog } from "@/lib/api";
import { hearTime } from "@/lib/clock";
import { hearUptime } from "@/lib/deadline";
import {
  applyLogPage,
  applyMessage,
  initialLiveState,
  type Link,
  type LiveState,
  LOG_ROWS_MAX,
} from "@/lib/live-state";
import { SharedLine } from "@/lib/shared-line";
import { liveSchemas, parseJson } from "@/lib/wire";
import type { LiveMessage } from "@/types/wire";

/** The server sends a heartbeat every 5 s. */
const SILENCE_MAX_MS = 12_000;
const SNAPSHOT_WAIT_MS = 5000;
const LOG_RETRY_MS = 2000;
/** So often in a row another window has passed on what cannot be used: better none of its words. */
const USELESS_MAX = 3;
const REOPEN_FIRST_MS = 250;
const REOPEN_MAX_MS = 2000;

const messageTypes = Object.keys(liveSchemas) as LiveMessage["type"][];

function readMessage(type: LiveMessage["type"], data: string): LiveMessage | undefined {
  const content = parseJson(liveSchemas[type], data);
  return content && ({ type, ...content } as LiveMessage);
}

function hearClocks(message: LiveMessage, serverId: string): void {
  if (message.type !== "snapshot" && message.type !== "heartbeat") return;
  const { timestamp, uptime_ms } = message.type === "snapshot" ? message.status : message;
  hearTime(timestamp);
  if (uptime_ms !== undefined) hearUptime(serverId, uptime_ms);
}

export class LiveConnection {
  #state = initialLiveState;
  readonly #listeners = new Set<() => void>();
  #line: SharedLine | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #reopening: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #useless = 0;
  /** Grows with each snapshot: what was asked for before no longer counts. */
  #reading = 0;
  #stopListening: AbortController | undefined;
  #told = this.#state;
  #breath: ReturnType<typeof setTimeout> | undefined;

  readonly getState = (): LiveState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(): void {
    this.#stopListening = new AbortController();
    const { signal } = this.#stopListening;
    document.addEventListener("visibilitychange", () => this.#followVisibility(), { signal });
    window.addEventListener("pageshow", (event) => event.persisted && this.#open(), { signal });
    window.addEventListener("pagehide", () => this.#pause(), { signal });
    window.addEventListener("online", () => this.#followVisibility(), { signal });
    // A line over a network that has gone says nothing any more, and would be waited for in vain.
    window.addEventListener("offline", () => this.#line && this.#reopenLater(), { signal });
    // Frozen it could not pass on what it hears.
    document.addEventListener("freeze", () => this.#pause(), { signal });
    document.addEventListener("resume", () => this.#followVisibility(), { signal });
    this.#followVisibility();
  }

  stop(): void {
    this.#stopListening?.abort();
    this.#close();
    clearTimeout(this.#breath);
    this.#breath = undefined;
  }

  #followVisibility(): void {
    if (document.visibilityState === "hidden") this.#pause();
    else this.#open();
  }

  #pause(): void {
    this.#close();
    this.#setLink("paused");
  }

  #open(): void {
    clearTimeout(this.#reopening);
    if (this.#state.link !== "lost") this.#setLink("connecting");
    this.#expectWord(SNAPSHOT_WAIT_MS);
    const known = this.#line;
    const line = known ?? this.#newLine();
    this.#line = line;
    if (!known) line.join();
    else if (this.#useless >= USELESS_MAX && line.follows) line.goAlone();
    else line.renew();
  }

  #newLine(): SharedLine {
    const line: SharedLine = new SharedLine({
      types: messageTypes,
      onMessage: (type, data) => {
        if (this.#line === line) this.#receive(readMessage(type as LiveMessage["type"], data));
      },
      onBroken: () => this.#line === line && this.#reopenLater(),
    });
    return line;
  }

  #close(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#reopening);
    this.#line?.leave();
    this.#line = undefined;
  }

  #receive(message: LiveMessage | undefined): void {
    const next = message ? applyMessage(this.#state, message) : "gap";
    if (message === undefined || next === "gap") {
      this.#useless += 1;
      this.#reopenLater();
      return;
    }
    this.#expectWord(SILENCE_MAX_MS);
    hearClocks(message, next.serverId);
    this.#setState(next);
    if (message.type === "heartbeat") {
      this.#failures = 0;
      this.#useless = 0;
    }
    if (message.type === "snapshot") {
      clearTimeout(this.#reopening);
      void this.#loadLog();
    }
  }

  #expectWord(within_ms: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#reopenLater(), within_ms);
  }

  #reopenLater(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#reopening);
    this.#line?.drop();
    this.#setLink("lost");
    const delay_ms = Math.min(REOPEN_FIRST_MS * 2 ** this.#failures, REOPEN_MAX_MS);
    this.#failures += 1;
    // Some jitter, so that a room full of phones does not come back in the same instant.
    this.#reopening = setTimeout(() => this.#open(), delay_ms * (0.75 + Math.random() / 2));
  }

  async #loadLog(): Promise<void> {
    const reading = this.#reading + 1;
    this.#reading = reading;
    const page = await fetchLog(LOG_ROWS_MAX);
    if (this.#reading !== reading || !this.#line) return;
    if (page) this.#setState(applyLogPage(this.#state, page));
    else setTimeout(() => this.#reading === reading && void this.#loadLog(), LOG_RETRY_MS);
  }

  #setLink(link: Link): void {
    if (this.#state.link !== link) this.#setState({ ...this.#state, link });
  }

  #setState(state: LiveState): void {
    this.#state = state;
    if (this.#breath === undefined) this.#tell();
  }

  /**
   * At once, and then not again before the page has had a breath: one that was held up hears a
   * hundred messages in one go, and React gives up on a page that draws itself fifty times so.
   */
  #tell(): void {
    this.#told = this.#state;
    this.#breath = setTimeout(() => {
      this.#breath = undefined;
      if (this.#told !== this.#state) this.#tell();
    });
    for (const listener of this.#listeners) listener();
  }
}
