/**
 * Fetches the long log and keeps it whole: older pages as one scrolls to them, newer rows from the
 * live stream, and what a broken stream has missed from the server.
 */

import { fetchLogPage, type LogPage } from "@/features/log/api";
import type { LogQuery } from "@/features/log/lib/log-filter";
import {
  emptyLog,
  type LogModel,
  leftBehind,
  withNewer,
  withOlder,
  withOutcome,
  withoutBefore,
} from "@/features/log/lib/log-model";
import { lookUpPour } from "@/lib/api";
import type { LiveState } from "@/lib/live-state";
import type { LogRow } from "@/types/wire";

/** Enough for the first screen, then enough to stay ahead of a finger. */
const FIRST_PAGE_ROWS = 100;
const PAGE_ROWS = 500;
const CATCH_UP_ROWS = 1000;

export interface LogProblem {
  /** Nothing when the server did not answer. */
  code: string | null;
  reason: string;
}

export interface LogStoreState {
  log: LogModel;
  /** The first page has come. */
  loaded: boolean;
  problem: LogProblem | undefined;
}

type Heard = Pick<LiveState, "link" | "lastLogId" | "freshRows" | "taps">;

export class LogStore {
  #state: LogStoreState;
  #heard: Heard = { link: "connecting", lastLogId: 0, freshRows: [], taps: [] };
  #fetchingOlder = false;
  #fetchingNewer = false;
  #stopped = true;
  /** Grows when everything is read anew: answers to earlier questions no longer count. */
  #reading = 0;
  readonly #lookedUp = new Set<string>();
  readonly #listeners = new Set<() => void>();

  constructor(query: LogQuery) {
    this.#state = { log: emptyLog(query), loaded: false, problem: undefined };
  }

  readonly getState = (): LogStoreState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(): void {
    this.#stopped = false;
    this.loadMore();
    this.#catchUp();
  }

  stop(): void {
    this.#stopped = true;
    this.#reading += 1;
    this.#fetchingOlder = false;
    this.#fetchingNewer = false;
  }

  /** The next page of older rows; does nothing while one is on its way, or there is none. */
  readonly loadMore = (): void => {
    if (!this.#stopped && !this.#fetchingOlder && !this.#state.log.ended) void this.#fetchOlder();
  };

  /** What the live stream says now. */
  hear(heard: Heard): void {
    const back = heard.link === "live" && this.#heard.link !== "live";
    this.#heard = heard;
    if (this.#stopped || heard.link !== "live") return;
    // A log that has become shorter is another log.
    if (heard.lastLogId < this.#state.log.newestId) this.#startOver();
    if (back && this.#state.problem) this.loadMore();
    this.#catchUp();
  }

  /** The span begins later now: time has gone on. */
  keepSince(since_s: number | undefined): void {
    if (since_s === undefined) return;
    const log = withoutBefore(this.#state.log, since_s);
    if (log !== this.#state.log) this.#setState({ log });
  }

  #startOver(): void {
    this.#reading += 1;
    this.#fetchingOlder = false;
    this.#fetchingNewer = false;
    this.#lookedUp.clear();
    this.#setState({ log: emptyLog(this.#state.log.query), loaded: false, problem: undefined });
    this.loadMore();
  }

  async #fetchOlder(): Promise<void> {
    const reading = this.#reading;
    const { oldestId } = this.#state.log;
    // Whatever the server had by now is in the page, if the query lets it through.
    const { lastLogId } = this.#heard;
    const limit = oldestId === undefined ? FIRST_PAGE_ROWS : PAGE_ROWS;
    this.#fetchingOlder = true;
    const rows = await this.#fetch({ limit, beforeId: oldestId }, reading);
    if (reading !== this.#reading) return;
    this.#fetchingOlder = false;
    if (!rows) return;
    let log = withOlder(this.#state.log, rows, rows.length < limit);
    if (oldestId === undefined) log = withNewer(log, [], lastLogId);
    this.#setState({ log, loaded: true });
    this.#lookUpLeftBehind();
    this.#catchUp();
  }

  /** Rows that were written since: from the stream if it has told all of them, else fetched. */
  #catchUp(): void {
    const { lastLogId, freshRows } = this.#heard;
    const { newestId } = this.#state.log;
    if (!this.#state.loaded || this.#fetchingNewer || lastLogId <= newestId) return;
    const told = freshRows.filter(({ id }) => id > newestId);
    // Rows are numbered without a gap.
    if (told.length === lastLogId - newestId) {
      this.#setState({ log: withNewer(this.#state.log, told, lastLogId) });
    } else {
      void this.#fetchNewer(newestId, lastLogId);
    }
  }

  async #fetchNewer(afterId: number, upTo: number): Promise<void> {
    const reading = this.#reading;
    this.#fetchingNewer = true;
    const missed: LogRow[] = [];
    for (;;) {
      const page = { limit: CATCH_UP_ROWS, afterId, beforeId: missed.at(-1)?.id };
      const rows = await this.#fetch(page, reading);
      if (reading !== this.#reading) return;
      if (!rows) break;
      missed.push(...rows);
      if (rows.length === CATCH_UP_ROWS) continue;
      const reached = Math.max(upTo, missed[0]?.id ?? 0);
      this.#setState({ log: withNewer(this.#state.log, missed, reached) });
      break;
    }
    this.#fetchingNewer = false;
    // A failed one is tried again when the stream next says something.
    if (!this.#state.problem) this.#catchUp();
  }

  async #fetch(page: LogPage, reading: number): Promise<readonly LogRow[] | undefined> {
    const answer = await fetchLogPage(this.#state.log.query, page);
    if (reading !== this.#reading) return undefined;
    if (answer.kind === "rows") {
      if (this.#state.problem) this.#setState({ problem: undefined });
      return answer.rows;
    }
    const problem = answer.kind === "refused" ? answer : { code: null, reason: "" };
    this.#setState({ problem });
    return undefined;
  }

  #lookUpLeftBehind(): void {
    const running = new Set(this.#heard.taps.map(({ pour }) => pour?.request_id ?? ""));
    for (const { key } of leftBehind(this.#state.log, running)) {
      if (this.#lookedUp.has(key)) continue;
      this.#lookedUp.add(key);
      void this.#lookUp(key, this.#reading);
    }
  }

  async #lookUp(key: string, reading: number): Promise<void> {
    const found = await lookUpPour(key);
    if (found.kind !== "found" || reading !== this.#reading) return;
    const { status, state, code, reason, stop_reason, ...measures } = found.receipt;
    const { delivered_ml, ml_min, ml_max } = measures;
    const outcome = { status, outcome: state, code, reason, stop_reason };
    const changes = { ...outcome, delivered_ml, ml_min, ml_max };
    this.#setState({ log: withOutcome(this.#state.log, key, changes) });
  }

  #setState(changes: Partial<LogStoreState>): void {
    this.#state = { ...this.#state, ...changes };
    for (const listener of this.#listeners) listener();
  }
}
