import { useCallback, useState } from "react";
import { rememberedTap, rememberTap } from "@/lib/storage";

/** The tap this phone poured from last. */
export function useChosenTap(): [string | undefined, (tap: string) => void] {
  const [tap, setTap] = useState(rememberedTap);
  const change = useCallback((name: string) => {
    rememberTap(name);
    setTap(name);
  }, []);
  return [tap, change];
}
