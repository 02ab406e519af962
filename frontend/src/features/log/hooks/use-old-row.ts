import { fetchRow, type RowLookUp } from "@/features/log/api";
import { type LookedUp, useLookUp } from "@/features/log/hooks/use-receipt";

/** One row of the log by its number. */
export const useOldRow = (id: string): LookedUp<Exclude<RowLookUp, { kind: "lost" }>> =>
  useLookUp(["row", id], () => fetchRow(id));
