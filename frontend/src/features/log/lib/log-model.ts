/**
 * The long log as one entry per pour, newest first, made of pages that come from its new end
 * backwards and of rows that are added while one reads. Pure.
 *
 * A pour stands where it began. The server's pages hold rows, and a pour's last row may come a page
 * before its first: such an entry waits until its place is known, so that no entry ever moves.
 */
import { type LogQuery, lets } from "@/features/log/lib/log-filter";
import type { LogRow } from "@/types/wire";

export interface LogEntry {
  key: string;
  /** The newest row of the pour: how it stands. */
  row: LogRow;
  /** Its oldest row that we have: where the pour stands in the log. */
  place: number;
  /** When that was, unix ms; 0 if nobody knows. */
  at_ms: number;
}

export interface LogModel {
  query: LogQuery;
  entries: readonly LogEntry[];
  /** Their beginning lies further back than has been read. */
  waiting: readonly LogEntry[];
  /** All rows up to here that the query lets through have been read, from `oldestId` on. */
  newestId: number;
  oldestId: number | undefined;
  /** There is nothing older than `oldestId`. */
  ended: boolean;
}

/** Nothing read yet; rows newer than `newestId` will come by `withNewer`. */
export function emptyLog(query: LogQuery): LogModel {
  return { query, entries: [], waiting: [], newestId: 0, oldestId: undefined, ended: false };
}

const keyOf = ({ id, request_id }: LogRow): string =>
  request_id === "" ? `row ${id}` : request_id;

const entryOf = (row: LogRow): LogEntry => ({
  key: keyOf(row),
  row,
  place: row.id,
  at_ms: row.timestamp_ms,
});

/** Whether a pour has no row before this one. */
const begins = ({ request_id, outcome }: LogRow): boolean =>
  request_id === "" || outcome === "sending" || outcome === "refused";

const newestFirst = (a: LogEntry, b: LogEntry): number => b.place - a.place;

/**
 * The log with the page that follows `oldestId`; `page` is newest first, and the last if `ended`.
 */
export function withOlder(log: LogModel, page: readonly LogRow[], ended: boolean): LogModel {
  const found = new Map(log.waiting.map((entry) => [entry.key, entry]));
  const complete: LogEntry[] = [];
  for (const row of page) {
    if (log.oldestId !== undefined && row.id >= log.oldestId) continue;
    const known = found.get(keyOf(row));
    const entry = known ? { ...known, place: row.id, at_ms: row.timestamp_ms } : entryOf(row);
    // Where only one kind of row is asked for, the beginning never comes.
    if (begins(row) || log.query.status !== undefined) {
      found.delete(entry.key);
      complete.push(entry);
    } else {
      found.set(entry.key, entry);
    }
  }
  const left = [...found.values()];
  const added = ended ? [...complete, ...left].sort(newestFirst) : complete;
  const entries = [...log.entries, ...added];
  // What never finds its beginning stands where it was first seen, which may be further up.
  if (ended && left.length > 0) entries.sort(newestFirst);
  return {
    ...log,
    entries: log.query.status === undefined ? entries : onePerPour(entries),
    waiting: ended ? [] : left,
    newestId: Math.max(log.newestId, page[0]?.id ?? 0),
    oldestId: page.at(-1)?.id ?? log.oldestId,
    ended,
  };
}

/** A pour may fail twice in the log (unknown at first): the newest of its rows counts. */
function onePerPour(entries: readonly LogEntry[]): LogEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ key }) => !seen.has(key) && seen.add(key));
}

/**
 * The log with rows that were written since, in any order, from the stream or fetched: each counts
 * once. `upTo` is the newest row of the server's that these are known to reach to.
 */
export function withNewer(log: LogModel, rows: readonly LogRow[], upTo: number): LogModel {
  const fresh = rows.filter(({ id }) => id > log.newestId && id <= upTo);
  const newestId = Math.max(log.newestId, upTo);
  if (fresh.length === 0) return newestId === log.newestId ? log : { ...log, newestId };
  const entries = [...log.entries];
  let waiting = log.waiting;
  for (const row of fresh.sort((a, b) => a.id - b.id)) {
    const key = keyOf(row);
    const at = entries.findIndex((entry) => entry.key === key);
    const known = entries[at];
    if (known) {
      // It was of the kind that is wanted, and may no longer be.
      const stays = log.query.status === undefined || log.query.status === row.status;
      entries.splice(at, 1, ...(stays ? [{ ...known, row }] : []));
    } else if (waiting.some((entry) => entry.key === key)) {
      waiting = waiting.map((entry) => (entry.key === key ? { ...entry, row } : entry));
    } else if (lets(log.query, row)) {
      entries.unshift(entryOf(row));
    }
  }
  return { ...log, entries, waiting, newestId };
}

/** The log when the span asked for begins later than it did: what lies before it is gone. */
export function withoutBefore(log: LogModel, since_s: number): LogModel {
  const { since = 0 } = log.query;
  if (since_s <= since) return log;
  const within = ({ row }: LogEntry) => row.timestamp_ms >= since_s * 1000;
  return {
    ...log,
    query: { ...log.query, since: since_s },
    entries: log.entries.filter(within),
    waiting: log.waiting.filter(within),
  };
}

/** A pour whose later rows the query leaves out: what it says of itself is put in their place. */
export function withOutcome(log: LogModel, key: string, changes: Partial<LogRow>): LogModel {
  const entries = log.entries.map((entry) =>
    entry.key === key ? { ...entry, row: { ...entry.row, ...changes } } : entry,
  );
  return { ...log, entries };
}

/**
 * Entries that look as if they went on only because the query leaves their later rows out, and no
 * tap is at them.
 */
export function leftBehind(
  { query, entries }: LogModel,
  running: ReadonlySet<string>,
): readonly LogEntry[] {
  if (query.until === undefined) return [];
  return entries.filter(
    ({ row, key }) => row.status === "started" && row.request_id !== "" && !running.has(key),
  );
}

/** How many of them began after that place. */
export function countAfter(entries: readonly LogEntry[], place: number): number {
  const older = entries.findIndex((entry) => entry.place <= place);
  return older === -1 ? entries.length : older;
}
