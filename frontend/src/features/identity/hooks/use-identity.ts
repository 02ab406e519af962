import { useCallback, useEffect, useLayoutEffect, useReducer } from "react";
import { useLocation } from "wouter";
import { readBadgePath } from "@/features/identity/lib/badge";
import {
  type Identity,
  type IdentityEvent,
  identityAfter,
  known,
} from "@/features/identity/lib/identity";
import { rememberedGuest, rememberGuest, watchGuest } from "@/lib/storage";

export interface IdentityHandle extends Identity {
  tell: (event: IdentityEvent) => void;
  /** The guest pours: what was new is so no longer. */
  seen: () => void;
}

/** Who is pouring: remembered on this phone, and told anew by the address of a badge. */
export function useIdentity(): IdentityHandle {
  const [identity, tell] = useReducer(identityAfter, undefined, () => known(rememberedGuest()));
  const [location, navigate] = useLocation();

  // Before anything is painted: nobody sees the guest of before for a moment.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new location is a new address.
  useLayoutEffect(() => {
    const reading = readBadgePath(window.location.pathname);
    if (!reading) return;
    tell({ type: "badge_read", reading });
    navigate("/", { replace: true });
  }, [location, navigate]);

  useEffect(() => rememberGuest(identity.guest), [identity.guest]);
  useEffect(() => watchGuest((guest) => tell({ type: "changed_elsewhere", guest })), []);

  return { ...identity, tell, seen: useCallback(() => tell({ type: "seen" }), []) };
}
