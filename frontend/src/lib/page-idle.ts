/**
 * Whether a reload would take anything from whoever looks at the page: an order or its receipt, a
 * stop that may not have been heard, an open sheet, typed text, or the next press.
 */

/** What was pressed a moment ago is still being thought about. */
const PRESS_RESTS_MS = 10_000;
/** Text that nobody has touched for so long waits for nobody. */
const TEXT_RESTS_MS = 600_000;

const holders = new Set<object>();
let pressedAt = Number.NEGATIVE_INFINITY;
let typedAt = Number.NEGATIVE_INFINITY;

/** Nothing reloads the page until the returned function is called. */
export function holdPage(): () => void {
  const holder = {};
  holders.add(holder);
  return () => holders.delete(holder);
}

/** Takes note of what is pressed and typed. */
export function watchPresses(target: EventTarget): void {
  const press = () => {
    pressedAt = performance.now();
  };
  for (const type of ["pointerdown", "keydown"]) {
    target.addEventListener(type, press, { capture: true, passive: true });
  }
  const type = () => {
    typedAt = performance.now();
  };
  target.addEventListener("input", type, { capture: true, passive: true });
}

const textFields = "input:not([type=radio], [type=file], [type=checkbox]), textarea";

function holdsText(document: Document): boolean {
  const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(textFields);
  return [...fields].some(({ value }) => value.trim() !== "");
}

/** `now` as `performance.now()` has it. */
export function pageIsIdle(document: Document, now: number): boolean {
  if (holders.size > 0 || now - pressedAt < PRESS_RESTS_MS) return false;
  if (document.querySelector("[role=dialog], [role=alertdialog]")) return false;
  return now - typedAt >= TEXT_RESTS_MS || !holdsText(document);
}
