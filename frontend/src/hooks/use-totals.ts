import { useEffect, useRef, useState } from "react";
import { useLink, useLive } from "@/hooks/use-live";
import { dayBegin_s } from "@/lib/day";
import { fetchTotals } from "@/lib/host-reads";
import type { TapTotal, Totals } from "@/types/wire";

const RETRY_MS = 3000;

/**
 * What every tap has poured since midnight here, asked anew whenever a pour is settled, the line is
 * back, or a day begins. Nothing until it is known.
 */
export function useTotals(now_ms: number | undefined): readonly TapTotal[] | undefined {
  const [totals, setTotals] = useState<Totals>();
  const since = now_ms === undefined ? undefined : dayBegin_s(now_ms);
  const settledId = useLive(({ log }) => log.find(({ status }) => status !== "started")?.id ?? 0);
  const link = useLink();
  const asked = useRef(0);
  const answered = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each settled pour changes the totals
  useEffect(() => {
    if (link !== "live" || since === undefined) return;
    let over = false;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      asked.current += 1;
      const number = asked.current;
      const answer = await fetchTotals(since);
      // Answers may overtake each other; an older one must not undo a newer.
      if (answer && number > answered.current) {
        answered.current = number;
        setTotals(answer);
      } else if (!answer && !over) {
        retry = setTimeout(ask, RETRY_MS);
      }
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(retry);
    };
  }, [since, settledId, link]);
  return totals && totals.since === since ? totals.taps : undefined;
}
