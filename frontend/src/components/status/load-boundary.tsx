import { Component, type ReactNode, Suspense } from "react";
import { Button } from "@/components/ui/button";
import { texts } from "@/lib/texts";

/**
 * Around what is loaded when it is first needed: without a connection it may not come, and then the
 * rest of the page goes on.
 */
export class LoadBoundary extends Component<
  { children: ReactNode; fallback?: ReactNode },
  { failed: boolean }
> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    const { children, fallback } = this.props;
    if (!this.state.failed) return <Suspense fallback={fallback}>{children}</Suspense>;
    return (
      <div role="alert" className="flex flex-col items-center gap-4 p-8 text-center">
        <p>{texts.missing.view}</p>
        <Button onClick={() => window.location.reload()}>{texts.missing.again}</Button>
      </div>
    );
  }
}
