import { type LookedUp, useLookUp } from "@/hooks/use-receipt";
import { fetchRow, type RowLookUp } from "@/lib/host-reads";

/** One row of the log by its number. */
export const useOldRow = (id: string): LookedUp<Exclude<RowLookUp, { kind: "lost" }>> =>
  useLookUp(["row", id], () => fetchRow(id));
