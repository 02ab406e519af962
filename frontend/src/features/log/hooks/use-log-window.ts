import { defaultRangeExtractor, type Range, useWindowVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { countAfter, type LogEntry } from "@/features/log/lib/log-model";

/** Before the ruler has been seen. */
const ROW_FIRST_PX = 72;
/** Rows beside the visible ones, for a quick finger. */
const OVERSCAN = 8;
/** What the header above and the bar below may cover. */
const COVERED_PX = 140;

/** How high one row is, read off an element that is as high. */
function useRowHeight() {
  const ruler = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(ROW_FIRST_PX);
  useLayoutEffect(() => {
    const element = ruler.current;
    if (!element) return;
    const read = () => setHeight(element.offsetHeight || ROW_FIRST_PX);
    read();
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ruler, height };
}

/**
 * The rows that are in the window, of a list as long as it likes. While it is scrolled down, what
 * is added on top is held back, so that nothing one reads moves.
 */
export function useLogWindow(entries: readonly LogEntry[]) {
  const list = useRef<HTMLDivElement>(null);
  const { ruler, height } = useRowHeight();
  const [top, setTop] = useState(0);
  const [anchor, setAnchor] = useState<number>();
  const [activeKey, setActiveKey] = useState<string>();
  const focusWanted = useRef(false);

  const held = anchor === undefined ? 0 : countAfter(entries, anchor);
  const shown = held === 0 ? entries : entries.slice(held);
  const activeAt = useMemo(() => {
    const at = activeKey === undefined ? 0 : shown.findIndex(({ key }) => key === activeKey);
    return Math.max(0, at);
  }, [shown, activeKey]);
  // Another function would have every row measured anew.
  const getItemKey = useCallback((index: number) => shown[index]?.key ?? index, [shown]);
  const virtual = useWindowVirtualizer<HTMLElement>({
    count: shown.length,
    estimateSize: () => height,
    overscan: OVERSCAN,
    scrollMargin: top,
    scrollPaddingStart: COVERED_PX,
    scrollPaddingEnd: COVERED_PX,
    getItemKey,
    // The reachable row is always there: the focus must not fall off the page.
    rangeExtractor: (range: Range) =>
      withIndex(defaultRangeExtractor(range), activeAt, range.count),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are laid anew
  useLayoutEffect(() => virtual.measure(), [height]);
  // What stands above the list may grow and shrink at any time.
  useLayoutEffect(() => {
    if (list.current) setTop(list.current.getBoundingClientRect().top + window.scrollY);
  });

  const down = (virtual.scrollOffset ?? 0) > top;
  const newest = entries[0]?.place;
  useEffect(() => setAnchor((before) => (down ? (before ?? newest) : undefined)), [down, newest]);

  useEffect(() => {
    if (!focusWanted.current || activeKey === undefined) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-index="${activeAt}"] [data-open]`);
    if (!row) return;
    focusWanted.current = false;
    row.focus({ preventScroll: true });
  });

  const moveTo = useCallback(
    (index: number) => {
      const to = Math.min(Math.max(index, 0), shown.length - 1);
      const key = shown[to]?.key;
      if (key === undefined) return;
      focusWanted.current = true;
      setActiveKey(key);
      virtual.scrollToIndex(to);
    },
    [shown, virtual],
  );
  return { list, ruler, top, height, shown, held, virtual, activeAt, setActiveKey, moveTo };
}

function withIndex(indexes: number[], index: number, count: number): number[] {
  if (index >= count || indexes.includes(index)) return indexes;
  return [...indexes, index].sort((a, b) => a - b);
}
