/**
 * Which pours the long log shows: as chosen, as written in the address, and as asked of the server.
 * Pure.
 */
import { dayBegin_s } from "@/lib/day";
import type { LogRow } from "@/types/wire";

export const statusChoices = ["all", "poured", "failed"] as const;
export type StatusChoice = (typeof statusChoices)[number];

export const timeChoices = ["all", "hour", "today", "yesterday", "span"] as const;
export type TimeChoice = (typeof timeChoices)[number];

export interface LogFilter {
  tap: string | undefined;
  user: string | undefined;
  status: StatusChoice;
  time: TimeChoice;
  /** Unix ms; only with "span", and either may be open. */
  from: number | undefined;
  to: number | undefined;
}

export const everything: LogFilter = {
  tap: undefined,
  user: undefined,
  status: "all",
  time: "all",
  from: undefined,
  to: undefined,
};

/** What the server is asked for. Times are unix seconds. */
export interface LogQuery {
  tap?: string;
  user?: string;
  status?: "success" | "failed";
  since?: number;
  until?: number;
}

function oneOf<Choice extends string>(choices: readonly Choice[], word: string | null): Choice {
  return choices.find((choice) => choice === word) ?? (choices[0] as Choice);
}

/** A moment as the address has it: UTC, to the minute, so that it means the same on every phone. */
function readMoment(text: string | null): number | undefined {
  if (text === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/.test(text)) return undefined;
  const at_ms = Date.parse(text);
  return Number.isNaN(at_ms) ? undefined : at_ms;
}

const writeMoment = (at_ms: number): string => `${new Date(at_ms).toISOString().slice(0, 16)}Z`;

/** The filter an address names; what it does not name, or not rightly, is left open. */
export function readFilter(address: URLSearchParams): LogFilter {
  const time = oneOf(timeChoices, address.get("time"));
  return {
    tap: address.get("tap") || undefined,
    user: address.get("user") || undefined,
    status: oneOf(statusChoices, address.get("status")),
    time,
    from: time === "span" ? readMoment(address.get("from")) : undefined,
    to: time === "span" ? readMoment(address.get("to")) : undefined,
  };
}

/** How the address names it. What is open is not written. */
export function writeFilter({ tap, user, status, time, from, to }: LogFilter): URLSearchParams {
  const address = new URLSearchParams();
  if (tap !== undefined) address.set("tap", tap);
  if (user !== undefined) address.set("user", user);
  if (status !== "all") address.set("status", status);
  if (time !== "all") address.set("time", time);
  if (time === "span" && from !== undefined) address.set("from", writeMoment(from));
  if (time === "span" && to !== undefined) address.set("to", writeMoment(to));
  return address;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Whether what is shown depends on what time it is. */
export const followsTime = ({ time }: LogFilter): boolean => time !== "all" && time !== "span";

/** Whole minutes, so that the same minute asks the same; never before 1970, whatever time it is. */
function since_s({ time, from }: LogFilter, now_ms: number): number | undefined {
  switch (time) {
    case "all":
      return undefined;
    case "hour":
      return Math.max(0, (Math.floor((now_ms - HOUR_MS) / MINUTE_MS) * MINUTE_MS) / 1000);
    case "today":
      return dayBegin_s(now_ms);
    case "yesterday":
      return dayBegin_s(now_ms, -1);
    case "span":
      return from === undefined ? undefined : Math.max(0, from / 1000);
  }
}

export function queryOf(filter: LogFilter, now_ms: number): LogQuery {
  const { tap, user, status, time, to } = filter;
  const since = since_s(filter, now_ms);
  return {
    ...(tap !== undefined && { tap }),
    ...(user !== undefined && { user }),
    ...(status !== "all" && { status: status === "poured" ? "success" : "failed" }),
    ...(since !== undefined && { since }),
    ...(time === "span" && to !== undefined && { until: Math.max(0, to / 1000) }),
  };
}

export function logParameters(query: LogQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
  return parameters;
}

/** The server's own log as a table, all of it that the query lets through. */
export function csvAddress(query: LogQuery): string {
  const parameters = logParameters(query);
  parameters.set("format", "csv");
  return `/api/logs?${parameters}`;
}

/** Whether the server would give this row to whoever asks so. */
export function lets(query: LogQuery, row: LogRow): boolean {
  const { tap, user, status, since, until } = query;
  if (tap !== undefined && row.tap !== tap) return false;
  if (user !== undefined && row.user_token !== user) return false;
  if (status !== undefined && row.status !== status) return false;
  const timed = since !== undefined || until !== undefined;
  // The original's rows may lack a time: those are in no span.
  if (timed && row.timestamp_ms === 0) return false;
  if (since !== undefined && row.timestamp_ms < since * 1000) return false;
  return until === undefined || row.timestamp_ms < until * 1000;
}

export const isFiltered = ({ tap, user, status, time }: LogFilter): boolean =>
  tap !== undefined || user !== undefined || status !== "all" || time !== "all";
