import { useEffect, useState } from "react";
import { type LookUp, lookUpPour } from "@/lib/api";

export interface ReceiptHandle {
  /** Nothing until the first answer. */
  found: LookUp | undefined;
  retry: () => void;
}

/** How one pour stands; asked anew whenever `news` changes. */
export function useReceipt(requestId: string, news: unknown): ReceiptHandle {
  const [answer, setAnswer] = useState<{ id: string; found: LookUp }>();
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: news and a retry are reasons to ask
  useEffect(() => {
    let over = false;
    void lookUpPour(requestId).then((found) => {
      if (over) return;
      // A receipt once read is better than none.
      setAnswer((before) =>
        found.kind === "lost" && before?.id === requestId && before.found.kind === "found"
          ? before
          : { id: requestId, found },
      );
    });
    return () => {
      over = true;
    };
  }, [requestId, news, tries]);
  const found = answer?.id === requestId ? answer.found : undefined;
  return { found, retry: () => setTries((count) => count + 1) };
}
