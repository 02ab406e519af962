import { useEffect, useState } from "react";
import { askAdmission } from "@/lib/api";
import type { LiveState } from "@/lib/live-state";

/**
 * Why an order or a stop from here would be refused, as the server says it; nothing if it would be
 * taken. Asked as soon as the server is there, so that nobody learns it in an emergency.
 */
export function useAdmission({ serverId, link }: LiveState): string | undefined {
  const [refusal, setRefusal] = useState<string>();
  const live = link === "live";
  useEffect(() => {
    if (!live || serverId === "") return;
    let over = false;
    void askAdmission().then((answer) => {
      if (!over && answer.kind !== "lost") {
        setRefusal(answer.kind === "refused" ? answer.reason : undefined);
      }
    });
    return () => {
      over = true;
    };
  }, [live, serverId]);
  return refusal;
}
