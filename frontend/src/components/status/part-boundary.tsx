import { Component, type ReactNode, Suspense, useEffect, useState } from "react";
import { Attempt, NotLoaded } from "@/components/status/lazily";
import { Button } from "@/components/ui/button";
import { askPageState, type PageState, reloadWhenIdle } from "@/lib/page-version";
import { texts } from "@/lib/texts";

const RETRY_FIRST_MS = 1000;
const RETRY_MAX_MS = 15_000;
/** A script that does not come although the server serves this page: the browser may keep "no". */
const RELOAD_AFTER_TRIES = 3;

interface PartBoundaryProps {
  children: ReactNode;
  /** Shown while a script is on its way. */
  loading?: ReactNode;
  /** Shown beside what is said when it fails: what must be there all the same. */
  rescue?: ReactNode;
}

interface PartBoundaryState {
  error: Error | undefined;
  tries: number;
}

/**
 * Around a part of the page that may fail: its script does not come, or something in it throws. It
 * says what happened and tries again by itself; all around it goes on.
 */
export class PartBoundary extends Component<PartBoundaryProps, PartBoundaryState> {
  override state: PartBoundaryState = { error: undefined, tries: 0 };
  #retry: ReturnType<typeof setTimeout> | undefined;

  static getDerivedStateFromError(error: unknown): Partial<PartBoundaryState> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(): void {
    clearTimeout(this.#retry);
    const delay_ms = Math.min(RETRY_FIRST_MS * 2 ** this.state.tries, RETRY_MAX_MS);
    this.#retry = setTimeout(this.retry, delay_ms);
    window.addEventListener("online", this.retry);
  }

  override componentWillUnmount(): void {
    this.#rest();
  }

  readonly retry = (): void => {
    this.#rest();
    this.setState(({ tries }) => ({ error: undefined, tries: tries + 1 }));
  };

  #rest(): void {
    clearTimeout(this.#retry);
    window.removeEventListener("online", this.retry);
  }

  override render() {
    const { children, loading, rescue } = this.props;
    const { error, tries } = this.state;
    if (!error) {
      return (
        <Attempt value={tries}>
          <Suspense fallback={loading}>{children}</Suspense>
        </Attempt>
      );
    }
    return (
      <>
        <PartFailed error={error} tries={tries} onRetry={this.retry} />
        {rescue === undefined ? null : <div className="contents">{rescue}</div>}
      </>
    );
  }
}

interface PartFailedProps {
  error: Error;
  tries: number;
  onRetry: () => void;
}

function PartFailed({ error, tries, onRetry }: PartFailedProps) {
  const [page, setPage] = useState<PageState>();
  const missing = error instanceof NotLoaded;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each failure is a reason to ask
  useEffect(() => {
    let over = false;
    void askPageState(document).then((state) => {
      if (over) return;
      setPage(state);
      const kept = missing && state === "same" && tries >= RELOAD_AFTER_TRIES;
      if (state === "newer" || kept) reloadWhenIdle();
    });
    return () => {
      over = true;
    };
  }, [error]);
  const newer = page === "newer";
  const why = newer ? texts.missing.newer : page === "unknown" ? texts.missing.away : "";
  return (
    <div role="alert" className="flex flex-col items-center gap-4 p-6 text-center">
      <p>{`${missing ? texts.missing.part : texts.missing.broken} ${why}`}</p>
      <Button onClick={newer ? () => window.location.reload() : onRetry}>
        <span>{newer ? texts.missing.reload : texts.missing.again}</span>
      </Button>
    </div>
  );
}
