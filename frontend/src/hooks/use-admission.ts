import { useEffect, useState } from "react";
import { useLink, useLive } from "@/hooks/use-live";
import { askAdmission } from "@/lib/api";

/**
 * Why an order or a stop from here would be refused, as the server says it; nothing if it would be
 * taken. Asked as soon as the server is there, so that nobody learns it in an emergency.
 */
export function useAdmission(): string | undefined {
  const serverId = useLive((state) => state.serverId);
  const link = useLink();
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
