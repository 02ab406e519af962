import { useEffect, useState } from "react";
import { fetchWhy } from "@/lib/host-reads";
import type { Tap, Why } from "@/types/wire";

const EVERY_MS = 1000;

export interface WhyHandle {
  why: Why | undefined;
  /** The last question went unanswered: what is shown is from before. */
  lost: boolean;
}

/** A tap's interlocks, asked each second and at every change of the tap, for as long as shown. */
export function useWhy(tap: Tap): WhyHandle {
  const [handle, setHandle] = useState<WhyHandle>({ why: undefined, lost: false });
  // Each change of the tap is another object.
  useEffect(() => {
    let over = false;
    let waiting = false;
    const ask = async () => {
      if (waiting) return;
      waiting = true;
      const why = await fetchWhy(tap.name);
      waiting = false;
      if (!over) setHandle((before) => ({ why: why ?? before.why, lost: why === undefined }));
    };
    void ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [tap]);
  return handle;
}
