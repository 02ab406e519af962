import { useEffect, useState } from "react";
import { holdPage } from "@/lib/page-idle";
import { askPageState, reloadWhenIdle } from "@/lib/page-version";

const ASK_AGAIN_MS = 5000;

/**
 * A page that stays open while the server is replaced by one with a newer page loads that one, as
 * soon as nothing is open that would be lost.
 */
export function useNewestPage(serverId: string): void {
  const [first, setFirst] = useState(serverId);
  if (first === "" && serverId !== "") setFirst(serverId);
  useEffect(() => {
    if (serverId === "" || first === "" || serverId === first) return;
    let over = false;
    let again: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const state = await askPageState(document);
      if (over) return;
      if (state === "newer") reloadWhenIdle();
      if (state === "unknown") again = setTimeout(ask, ASK_AGAIN_MS);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(again);
    };
  }, [serverId, first]);
}

/** While `held` nothing reloads the page by itself. */
export function useHeldPage(held: boolean): void {
  useEffect(() => (held ? holdPage() : undefined), [held]);
}
