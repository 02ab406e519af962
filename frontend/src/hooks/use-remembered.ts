import { useCallback, useState } from "react";
import { rememberedGuest, rememberedTap, rememberGuest, rememberTap } from "@/lib/storage";

/** Who pours, as this phone remembers it. */
export function useGuest(): [string | undefined, (name: string | undefined) => void] {
  const [guest, setGuest] = useState(rememberedGuest);
  const change = useCallback((name: string | undefined) => {
    rememberGuest(name);
    setGuest(name);
  }, []);
  return [guest, change];
}

/** The tap this phone poured from last. */
export function useChosenTap(): [string | undefined, (tap: string) => void] {
  const [tap, setTap] = useState(rememberedTap);
  const change = useCallback((name: string) => {
    rememberTap(name);
    setTap(name);
  }, []);
  return [tap, change];
}
