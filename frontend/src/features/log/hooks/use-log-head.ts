import { useQuery } from "@tanstack/react-query";
import { fetchLogHead } from "@/features/log/lib/log-head";
import { useAskedAnew } from "@/hooks/use-asked-anew";
import { useLink, useLive } from "@/hooks/use-live";
import { answered, queries } from "@/lib/queries";

export interface LogHeadHandle {
  head: string | undefined;
  /** The last question went unanswered: what is shown is from before. */
  lost: boolean;
}

const queryKey = ["log-head"];

/** Where the log ends, asked whenever a row is added or the line is back, for as long as shown. */
export function useLogHead(): LogHeadHandle {
  const newest = useLive(({ log }) => log[0]?.id ?? 0);
  const link = useLink();
  const { data, isError } = useQuery(
    { queryKey, queryFn: () => answered(fetchLogHead()), gcTime: 0 },
    queries,
  );
  useAskedAnew(queryKey, `${newest} ${link}`);
  return { head: data, lost: isError };
}
