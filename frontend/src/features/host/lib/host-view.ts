/** What the host's overview says of each tap, and of all of them together. Pure. */

import type { TapTotal } from "@/features/host/lib/wire";
import { hostTexts } from "@/features/host/texts";
import { reasonWords, wordOf } from "@/lib/reason-words";
import { type Tone, tapBadge } from "@/lib/tap-badge";
import { texts } from "@/lib/texts";
import type { LogRow, Tap } from "@/types/wire";

export type TapSign =
  | "ready"
  | "pouring"
  | "checking"
  | "offline"
  | "stopped"
  | "glass"
  | "fault"
  | "wait";

export interface TapFace {
  word: string;
  tone: Tone;
  sign: TapSign;
}

function signOf(tap: Tap): TapSign {
  if (!tap.online) return "offline";
  if (tap.pour?.state === "unclear") return "checking";
  if (tap.pour || tap.state === "pouring") return "pouring";
  if (tap.stopped) return "stopped";
  if (tap.ready) return "ready";
  if (tap.blocked_by?.code === "no_glass") return "glass";
  return tap.faults.length > 0 || tap.blocked_by?.code === "device_fault" ? "fault" : "wait";
}

/** How a tap is: in a word, a colour and a sign. */
export function tapFace(tap: Tap): TapFace {
  const { label, tone } = tapBadge(tap);
  return { word: label, tone, sign: signOf(tap) };
}

export interface Advice {
  key: string;
  title: string;
  /** What to do about it. */
  action: string;
}

/**
 * What is wrong with a tap and what a host can do, worst first. A stop or a missing glass is not.
 */
export function tapAdvice(tap: Tap): Advice[] {
  const { advice } = hostTexts;
  const named = (key: keyof typeof advice): Advice => ({ key, ...advice[key] });
  const troubles: Advice[] = [];
  const code = tap.blocked_by?.code;
  const reason = tap.blocked_by?.reason ?? "";
  if (!tap.online) troubles.push(named(tap.state === "error" ? "error" : "offline"));
  if (code === "log_failed" || code === "wrong_machine") {
    troubles.push(named(code));
  }
  if (tap.pour?.state === "unclear") troubles.push(named("unclear_pour"));
  for (const fault of tap.faults) {
    const known = wordOf(advice, fault) ?? { title: texts.newer({ code: fault }), action: reason };
    troubles.push({ key: fault, ...known });
  }
  const expected = ["offline", "log_failed", "unclear_pour", "stopped", "no_glass", "busy"];
  if (troubles.length === 0 && code !== undefined && !expected.includes(code)) {
    troubles.push({ key: code, title: reasonWords(code, reason), action: "" });
  }
  return troubles;
}

/**
 * What a host should know of a machine's last start: nothing, unless it fell over. It stays true
 * until it starts anew, so it is told beside what is wrong now, not as a part of it.
 */
export function lastRestart({ online, reset_reason }: Tap): Advice | undefined {
  const told = wordOf(hostTexts.restart, reset_reason);
  if (!online || reset_reason === null || told === undefined) return undefined;
  return { key: reset_reason, ...told };
}

/** What is known of the glass: nothing, of a machine that does not answer. */
export function glassWord({ online, glass_present }: Tap): string {
  if (!online) return hostTexts.glassUnknown;
  return glass_present ? hostTexts.glass : hostTexts.noGlass;
}

/** The newest pours of one tap, newest first, without the one that runs. */
export function latestOf(tap: string, rows: readonly LogRow[], count: number): LogRow[] {
  const latest: LogRow[] = [];
  const seen = new Set<string>();
  for (const row of rows) {
    if (row.tap !== tap || seen.has(row.request_id)) continue;
    seen.add(row.request_id);
    if (row.status === "started") continue;
    latest.push(row);
    if (latest.length === count) break;
  }
  return latest;
}

export interface Summary {
  ready: number;
  taps: number;
  pouring: number;
  stopped: number;
  /** Taps with something wrong. */
  troubled: number;
}

export function summaryOf(taps: readonly Tap[]): Summary {
  return {
    ready: taps.filter(({ online, ready }) => online && ready).length,
    taps: taps.length,
    pouring: taps.filter(({ pour }) => pour !== null).length,
    stopped: taps.filter(({ stopped }) => stopped).length,
    troubled: taps.filter((tap) => tapAdvice(tap).length > 0).length,
  };
}

export const sumOf = (totals: readonly TapTotal[]): Omit<TapTotal, "tap"> => ({
  pours: totals.reduce((sum, { pours }) => sum + pours, 0),
  delivered_ml: totals.reduce((sum, { delivered_ml }) => sum + delivered_ml, 0),
});
