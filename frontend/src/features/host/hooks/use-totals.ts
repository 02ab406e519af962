import { useQuery } from "@tanstack/react-query";
import type { TapTotal } from "@/features/host/lib/wire";
import { fetchTotals } from "@/features/host/reads";
import { useAskedAnew } from "@/hooks/use-asked-anew";
import { useLink, useLive } from "@/hooks/use-live";
import { dayBegin_s } from "@/lib/day";
import { answered, queries } from "@/lib/queries";

const RETRY_MS = 3000;

/**
 * What every tap has poured since midnight here, asked anew whenever a pour is settled, the line is
 * back, or a day begins. Nothing until it is known. A tap's total that stays is the same object.
 */
export function useTotals(now_ms: number | undefined): readonly TapTotal[] | undefined {
  const since = now_ms === undefined ? undefined : dayBegin_s(now_ms);
  const settledId = useLive(({ log }) => log.find(({ status }) => status !== "started")?.id ?? 0);
  const live = useLink() === "live";
  const queryKey = ["totals", since];
  const { data } = useQuery(
    {
      queryKey,
      queryFn: () => answered(fetchTotals(since ?? 0)),
      enabled: live && since !== undefined,
      retry: true,
      retryDelay: RETRY_MS,
    },
    queries,
  );
  useAskedAnew(queryKey, `${settledId} ${live}`);
  return data?.since === since ? data?.taps : undefined;
}
