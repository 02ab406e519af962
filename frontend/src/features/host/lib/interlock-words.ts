/** An interlock in the host's words. Pure. */

import type { Interlock, Machine } from "@/features/host/lib/wire";
import { hostTexts } from "@/features/host/texts";
import { wordOf } from "@/lib/reason-words";

export interface InterlockWords {
  name: string;
  value: string;
  /** What the server measured, where that says more. */
  detail: string;
  /** What to do; empty when all is well. */
  action: string;
}

/** "answered 0.4 s ago at http://…": how long ago, and the rest. */
const HEARD = /^answered (\d+(?:\.\d+)?) s ago\b\s*(.*)$/;

function detailOf({ name, ok, value, kind }: Interlock): string {
  if (name === "device_online") {
    const [, seconds, rest] = HEARD.exec(value) ?? [];
    return seconds === undefined ? value : `${hostTexts.heard({ seconds })} ${rest}`.trim();
  }
  if (kind === "file_lost") return value;
  if (name === "no_fault" && !ok) {
    const titles = value
      .split(", ")
      .map((fault) => wordOf(hostTexts.advice, fault)?.title ?? fault);
    return titles.join(", ");
  }
  return "";
}

/** What answers in the place of a tap's machine, or who else leads to that; empty: neither. */
export function machineWords({
  mismatch,
  says_id,
  says_tap,
  machine_of,
  also_at,
}: Machine): string {
  const { machine } = hostTexts;
  if (mismatch === null) return also_at.map((tap) => machine.alsoAt({ tap })).join(" ");
  if (says_tap !== null && mismatch === "names_another_tap") return machine.says({ tap: says_tap });
  if (machine_of !== null) return machine.isOf({ tap: machine_of });
  return says_id === null ? machine.saysNothing : machine.is({ id: says_id });
}

/** What to do about a machine that is not the tap's. */
export function machineAdvice({ mismatch, adoptable }: Machine): string {
  const { machine } = hostTexts;
  if (mismatch === null) return "";
  if (mismatch === "names_another_tap") return machine.rename;
  return adoptable ? machine.replaced : machine.ownOnly;
}

/** Our own words for what we know; the server's for what is new to us. */
export function interlockWords(lock: Interlock): InterlockWords {
  const own = wordOf(hostTexts.lock, lock.name);
  if (!own) {
    const { name, value, action } = lock;
    return { name: name.replaceAll("_", " "), value, detail: "", action };
  }
  const { value: bad, action: advice } = wordOf(hostTexts.badAnswer, lock.kind ?? null) ?? {
    value: own.bad,
    action: own.action,
  };
  return {
    name: own.name,
    value: lock.ok ? own.good : bad,
    detail: detailOf(lock),
    action: lock.ok ? "" : advice,
  };
}
