/**
 * What the page knows about the machine, and how each message of the live stream changes it. Pure.
 */
import type { LiveMessage, LogRow, Tap } from "@/types/wire";

/** `live` is the only state in which what is shown is true now. */
export type Link = "connecting" | "live" | "lost" | "paused";

export interface LiveState {
  link: Link;
  /** Whether a snapshot has ever come: before it there is nothing to show, not even stale. */
  known: boolean;
  version: number;
  /** Another one: the server was restarted. Empty before the first word. */
  serverId: string;
  taps: readonly Tap[];
  /** Where guests reach the page, if the host has said so. */
  publicUrl: string | null;
  /** Rows of the log, newest first, at most `LOG_ROWS_MAX`. */
  log: readonly LogRow[];
  logLoaded: boolean;
  /** The newest row that the server's log holds. */
  lastLogId: number;
  /**
   * The rows that came over the stream since its snapshot: what a fetched page of the log may lack.
   */
  freshRows: readonly LogRow[];
}

/** Whether something is shown that may no longer be so. Before the first word nothing is. */
export const isStale = ({ known, link }: LiveState): boolean => known && link !== "live";

export const LOG_ROWS_MAX = 100;

export const initialLiveState: LiveState = {
  link: "connecting",
  known: false,
  version: 0,
  serverId: "",
  taps: [],
  publicUrl: null,
  log: [],
  logLoaded: false,
  lastLogId: 0,
  freshRows: [],
};

/** The union of both, each row once, newest first. */
export function mergeRows(a: readonly LogRow[], b: readonly LogRow[]): LogRow[] {
  const byId = new Map<number, LogRow>();
  for (const row of [...b, ...a]) byId.set(row.id, row);
  return [...byId.values()].sort((x, y) => y.id - x.id).slice(0, LOG_ROWS_MAX);
}

/**
 * The state after `message`, or "gap" when something was missed: then only a new snapshot helps.
 * Versions grow by one per change, and a heartbeat repeats the newest.
 */
export function applyMessage(state: LiveState, message: LiveMessage): LiveState | "gap" {
  switch (message.type) {
    case "snapshot":
      return {
        ...state,
        link: "live",
        known: true,
        version: message.version,
        serverId: message.server_id,
        taps: message.status.taps,
        publicUrl: message.status.public_url,
        lastLogId: message.last_log_id,
        freshRows: [],
      };
    case "heartbeat":
      return message.version === state.version ? state : "gap";
    case "tap": {
      if (message.version !== state.version + 1) return "gap";
      const { tap } = message;
      const known = state.taps.some(({ name }) => name === tap.name);
      const taps = known
        ? state.taps.map((other) => (other.name === tap.name ? tap : other))
        : [...state.taps, tap];
      return { ...state, version: message.version, taps };
    }
    case "log": {
      if (message.version !== state.version + 1) return "gap";
      return {
        ...state,
        version: message.version,
        lastLogId: Math.max(state.lastLogId, message.row.id),
        log: mergeRows([message.row], state.log),
        freshRows: mergeRows([message.row], state.freshRows),
      };
    }
  }
}

/**
 * A page of the log has been fetched, newest first. It replaces what an earlier server had said.
 */
export function applyLogPage(state: LiveState, page: readonly LogRow[]): LiveState {
  return { ...state, log: mergeRows(state.freshRows, page), logLoaded: true };
}
