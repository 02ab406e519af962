import { useQuery } from "@tanstack/react-query";
import type { Why } from "@/features/host/lib/wire";
import { fetchWhy } from "@/features/host/reads";
import { useAskedAnew } from "@/hooks/use-asked-anew";
import { answered, queries } from "@/lib/queries";
import type { Tap } from "@/types/wire";

const EVERY_MS = 1000;

export interface WhyHandle {
  why: Why | undefined;
  /** The last question went unanswered: what is shown is from before. */
  lost: boolean;
}

/** A tap's interlocks, asked each second and at every change of the tap, for as long as shown. */
export function useWhy(tap: Tap): WhyHandle {
  const queryKey = ["why", tap.name];
  const { data, isError } = useQuery(
    {
      queryKey,
      queryFn: () => answered(fetchWhy(tap.name)),
      refetchInterval: EVERY_MS,
      refetchIntervalInBackground: true,
      // Another time it is asked anew, and what was true then is not shown meanwhile.
      gcTime: 0,
    },
    queries,
  );
  // Each change of the tap is another object, ten a second while it pours.
  useAskedAnew(queryKey, tap, "waited for");
  return { why: data, lost: isError };
}
