import { useEffect, useState } from "react";
import { fetchRow, type RowLookUp } from "@/lib/host-reads";

/** One row of the log by its number. Nothing until the first answer. */
export function useOldRow(id: string): { found: RowLookUp | undefined; retry: () => void } {
  const [found, setFound] = useState<RowLookUp>();
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a retry is a reason to ask
  useEffect(() => {
    let over = false;
    setFound(undefined);
    void fetchRow(id).then((answer) => !over && setFound(answer));
    return () => {
      over = true;
    };
  }, [id, tries]);
  return { found, retry: () => setTries((count) => count + 1) };
}
