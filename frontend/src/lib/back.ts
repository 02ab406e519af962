/**
 * What lies over the page is closed by Back: on a phone that is how one leaves what was opened. It
 * holds an entry of the browser's history, and takes it away again when it is closed otherwise.
 */

/** The entry's mark. It stays in the history over a reload, and is then used for the next one. */
const MARK = "over";

const isHeld = (): boolean => Object.hasOwn((history.state as object | null) ?? {}, MARK);

let leaving: ReturnType<typeof setTimeout> | undefined;

/** From now on Back tells `onBack` and stays on the page. Gives what ends that. */
export function holdBack(onBack: () => void): () => void {
  clearTimeout(leaving);
  if (!isHeld()) history.pushState({ ...history.state, [MARK]: true }, "");
  const hear = () => !isHeld() && onBack();
  window.addEventListener("popstate", hear);
  return () => {
    window.removeEventListener("popstate", hear);
    // Not at once: what was closed may have led elsewhere, or be followed by the next.
    leaving = setTimeout(() => isHeld() && history.back());
  };
}
