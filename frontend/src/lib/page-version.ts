/** Which built page this is. Its script's name holds a hash of everything it was built from. */

import { ask } from "@/lib/api";
import { phoneNow } from "@/lib/clock";
import { pageIsIdle } from "@/lib/page-idle";
import { reloadRemembering } from "@/lib/storage";

/** What the server says about this page; "unknown" while it does not answer. */
export type PageState = "same" | "newer" | "unknown";

const LOOK_EVERY_MS = 1000;
/** A page that has just been reloaded and is still the old one is not reloaded again and again. */
const RELOAD_EVERY_MS = 60_000;
const RELOADED_KEY = "pourtocol.reloaded";

const entryOf = (document: Document): string | undefined => {
  const script = document.querySelector<HTMLScriptElement>("script[type=module][src]");
  return script ? new URL(script.src).pathname : undefined;
};

/** Whether the server by now serves another page than this one. */
export async function askPageState(document: Document): Promise<PageState> {
  const entry = entryOf(document);
  if (entry === undefined) return "same";
  const answer = await ask("/", { cache: "no-cache", headers: { Accept: "text/html" } });
  if (answer?.status !== 200) return "unknown";
  return answer.body.includes(entry) ? "same" : "newer";
}

function reloadedLately(): boolean {
  try {
    const last = Number(sessionStorage.getItem(RELOADED_KEY) ?? Number.NaN);
    const since_ms = phoneNow() - last;
    if (since_ms >= 0 && since_ms < RELOAD_EVERY_MS) return true;
    sessionStorage.setItem(RELOADED_KEY, String(phoneNow()));
    return false;
  } catch {
    // Nothing would remember that it was tried.
    return true;
  }
}

let looking: ReturnType<typeof setInterval> | undefined;

/** Loads the page anew as soon as nothing is open on it that would be lost. */
export function reloadWhenIdle(reload = reloadRemembering): void {
  if (looking !== undefined) return;
  const look = () => {
    if (document.visibilityState === "hidden" || !pageIsIdle(document, performance.now())) return;
    if (reloadedLately()) return;
    clearInterval(looking);
    looking = undefined;
    reload();
  };
  looking = setInterval(look, LOOK_EVERY_MS);
  look();
}
