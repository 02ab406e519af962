/**
 * Which components React has drawn, read off its own tree after each commit, as its developer tools
 * do. To be imported before React's renderer is.
 */

interface Fiber {
  tag: number;
  flags: number;
  type: { name?: string; displayName?: string } | null;
  memoizedProps: { tapName?: string } | null;
  child: Fiber | null;
  sibling: Fiber | null;
  return: Fiber | null;
  alternate: Fiber | null;
}

export interface Drawn {
  component: string;
  /** The tap that it, or what it stands in, is for. */
  tap: string | undefined;
}

const FUNCTION_COMPONENT = 0;
const SIMPLE_MEMO_COMPONENT = 15;
const PERFORMED_WORK = 1;

let drawn: Drawn[] = [];

/** What has been drawn since it was last asked. */
export function takeDrawn(): Drawn[] {
  const taken = drawn;
  drawn = [];
  return taken;
}

function tapOf(fiber: Fiber | null): string | undefined {
  return fiber ? (fiber.memoizedProps?.tapName ?? tapOf(fiber.return)) : undefined;
}

function look(fiber: Fiber): void {
  const { tag, type, alternate } = fiber;
  const isComponent = tag === FUNCTION_COMPONENT || tag === SIMPLE_MEMO_COMPONENT;
  if (isComponent && (!alternate || fiber.flags & PERFORMED_WORK)) {
    drawn.push({ component: type?.displayName ?? type?.name ?? "", tap: tapOf(fiber) });
  }
  // The same children as before: React has not gone below.
  if (alternate && alternate.child === fiber.child) return;
  for (let child = fiber.child; child; child = child.sibling) look(child);
}

Object.assign(globalThis, {
  __REACT_DEVTOOLS_GLOBAL_HOOK__: {
    supportsFiber: true,
    inject: () => 1,
    onCommitFiberRoot: (_id: number, root: { current: Fiber }) => look(root.current),
    onCommitFiberUnmount: () => undefined,
    onPostCommitFiberRoot: () => undefined,
  },
});
