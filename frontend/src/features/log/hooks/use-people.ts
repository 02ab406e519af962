import { useEffect, useState } from "react";
import type { LogEntry } from "@/features/log/lib/log-model";
import type { LogRow } from "@/types/wire";

/** More names than that help nobody to find one. */
const PEOPLE_MAX = 500;

/** Everybody whose pours have been seen since the page was opened, whatever it shows now. */
export function usePeople(
  entries: readonly LogEntry[],
  rows: readonly LogRow[],
): readonly string[] {
  const [people, setPeople] = useState<readonly string[]>([]);
  useEffect(() => {
    setPeople((before) => {
      const all = new Set(before);
      for (const { user_token } of rows) all.add(user_token);
      for (const { row } of entries) {
        if (all.size >= PEOPLE_MAX) break;
        all.add(row.user_token);
      }
      all.delete("");
      return all.size === before.length ? before : [...all].sort((a, b) => a.localeCompare(b));
    });
  }, [entries, rows]);
  return people;
}
