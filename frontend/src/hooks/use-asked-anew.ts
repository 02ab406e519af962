import type { QueryKey } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { queries } from "@/lib/queries";

/**
 * Asks that query anew whenever `news` changes. An answer that is still under way is dropped, so
 * that an older one never undoes a newer; where news come faster than answers, it is waited for
 * instead.
 */
export function useAskedAnew(
  queryKey: QueryKey,
  news: unknown,
  underWay: "dropped" | "waited for" = "dropped",
): void {
  const last = useRef(news);
  useEffect(() => {
    if (last.current === news) return;
    last.current = news;
    const cancelRefetch = underWay === "dropped";
    void queries.invalidateQueries({ queryKey }, { cancelRefetch });
  }, [queryKey, news, underWay]);
}
