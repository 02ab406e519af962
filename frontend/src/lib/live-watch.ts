/** Parts of the live state, told when they are others. Pure. */
import type { LiveState } from "@/lib/live-state";

/** Whoever knows the live state: the connection, or a test. */
export interface LiveSource {
  readonly getState: () => LiveState;
  readonly subscribe: (listener: () => void) => () => void;
}

/** Whether two selections are the same one: the same value, or a list or record of the same. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [fields, others] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    fields.length === others.size &&
    fields.every(([name, value]) => others.has(name) && Object.is(others.get(name), value))
  );
}

/** Tells what is selected now, and each time it is another, until that is ended by a call. */
export function watchLive<Selected>(
  source: LiveSource,
  select: (state: LiveState) => Selected,
  tell: (selected: Selected) => void,
): () => void {
  let last: { selected: Selected } | undefined;
  const look = () => {
    const selected = select(source.getState());
    if (last && isSame(last.selected, selected)) return;
    last = { selected };
    tell(selected);
  };
  look();
  return source.subscribe(look);
}
