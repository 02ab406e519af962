import { useQuery } from "@tanstack/react-query";
import { useAskedAnew } from "@/hooks/use-asked-anew";
import { type LookUp, lookUpPour } from "@/lib/api";
import { NoAnswer, queries } from "@/lib/queries";

export interface LookedUp<Found> {
  /** Nothing until the first answer. */
  found: Found | { kind: "lost" } | undefined;
  retry: () => void;
}

/** What was asked of the server as a query, without what it says of its own failing. */
async function told<Found extends { kind: string }>(
  looked: Promise<Found>,
): Promise<Exclude<Found, { kind: "lost" }>> {
  const found = await looked;
  if (found.kind === "lost") throw new NoAnswer("the server did not answer");
  return found as Exclude<Found, { kind: "lost" }>;
}

/**
 * Something that is looked up under a name. What was found once is better than no answer, and is
 * there at once when it is looked at again.
 */
export function useLookUp<Found extends { kind: string }>(
  queryKey: readonly string[],
  lookUp: () => Promise<Found>,
): LookedUp<Exclude<Found, { kind: "lost" }>> {
  const query = useQuery({ queryKey, queryFn: () => told(lookUp()) }, queries);
  const { data, isError } = query;
  const kept = isError && data?.kind !== "found" ? { kind: "lost" as const } : data;
  return { found: kept, retry: () => void query.refetch() };
}

/** How one pour stands; asked anew whenever `news` changes. */
export function useReceipt(
  requestId: string,
  news: string,
): LookedUp<Exclude<LookUp, { kind: "lost" }>> {
  const queryKey = ["receipt", requestId];
  const looked = useLookUp(queryKey, () => lookUpPour(requestId));
  useAskedAnew(queryKey, news);
  return looked;
}
