import { useEffect, useState } from "react";
import { useLink, useLive } from "@/hooks/use-live";
import { fetchLogHead } from "@/lib/log-head";

export interface LogHeadHandle {
  head: string | undefined;
  /** The last question went unanswered: what is shown is from before. */
  lost: boolean;
}

/** Where the log ends, asked whenever a row is added or the line is back, for as long as shown. */
export function useLogHead(): LogHeadHandle {
  const [handle, setHandle] = useState<LogHeadHandle>({ head: undefined, lost: false });
  const newest = useLive(({ log }) => log[0]?.id ?? 0);
  const link = useLink();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each row is another head
  useEffect(() => {
    let over = false;
    void fetchLogHead().then((head) => {
      if (!over) setHandle((before) => ({ head: head ?? before.head, lost: head === undefined }));
    });
    return () => {
      over = true;
    };
  }, [newest, link]);
  return handle;
}
