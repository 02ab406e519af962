import { lazy, type ReactNode, useEffect, useState } from "react";
import { Route, Switch } from "wouter";
import { HostHeader } from "@/components/host/host-header";
import { Overview } from "@/components/host/overview";
import { LoadBoundary } from "@/components/status/load-boundary";
import { useStops } from "@/hooks/use-stops";
import { now } from "@/lib/clock";
import { formatSecond } from "@/lib/format";
import type { LiveState } from "@/lib/live-state";
import { texts } from "@/lib/texts";
import { viewTexts } from "@/lib/texts/views";

const LogPage = lazy(() => import("@/components/activity/log-page"));

/** The host's pages. STOP and what came of it stay while one goes from one to the other. */
export default function HostArea({ live }: { live: LiveState }) {
  const stops = useStops(live);
  return (
    <div className="mx-auto max-w-[100rem] px-4 pb-56 md:px-8 md:pb-10">
      <HostHeader live={live} stops={stops} />
      <main>
        <StaleNote live={live} />
        <LoadBoundary>
          <Switch>
            <Route path="/host/log">
              <LogPage live={live} />
            </Route>
            <Route>
              <Overview live={live} stops={stops} />
            </Route>
          </Switch>
        </LoadBoundary>
      </main>
    </div>
  );
}

/** Since when nothing was heard, and what still works. */
function StaleNote({ live: { link, known } }: { live: LiveState }) {
  const [lostAt, setLostAt] = useState<number>();
  useEffect(() => {
    if (link === "live") setLostAt(undefined);
    else if (link === "lost") setLostAt((before) => before ?? now());
  }, [link]);
  if (!known) {
    return link === "live" ? null : <Note>{texts.link.loading}</Note>;
  }
  if (lostAt === undefined) return null;
  return (
    <Note>
      {viewTexts.host.staleSince(formatSecond(lostAt))} {viewTexts.host.stillStops}
    </Note>
  );
}

function Note({ children }: { children: ReactNode }) {
  return (
    <p
      role="status"
      className="mb-4 animate-appear rounded-xl border border-warning-text bg-card px-4 py-3 font-semibold text-balance text-warning-text"
    >
      {children}
    </p>
  );
}
