import { useState } from "react";
import { nothingStands, standingGlasses, type WallTap, wallTap } from "@/lib/standing-glass";
import type { Tap } from "@/types/wire";

/** What stands under a tap, as far as it has been seen; nothing before the tap is known. */
export function useWallTap(tap: Tap | undefined): WallTap | undefined {
  const [standing, setStanding] = useState(nothingStands);
  const next = standingGlasses(standing, tap ? [tap] : []);
  if (next !== standing) setStanding(next);
  return tap && wallTap(tap, next);
}
