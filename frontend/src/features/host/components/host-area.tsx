import { type ReactNode, useEffect, useState } from "react";
import { Route, Switch } from "wouter";
import { AdmissionNote } from "@/components/status/admission-note";
import { lazily } from "@/components/status/lazily";
import { PartBoundary } from "@/components/status/part-boundary";
import { HostHeader } from "@/features/host/components/host-header";
import { useStops } from "@/features/host/hooks/use-stops";
import { hostTexts } from "@/features/host/texts";
import { useLive } from "@/hooks/use-live";
import { now } from "@/lib/clock";
import { formatSecond } from "@/lib/format";
import { texts } from "@/lib/texts";

const Overview = lazily(() => import("@/features/host/components/overview"));

/**
 * The host's pages. STOP is there before they are, and whatever becomes of them; what came of it
 * stays while one goes from one to the other.
 */
export default function HostArea({ log }: { log: ReactNode }) {
  const stops = useStops();
  return (
    <div className="mx-auto max-w-[100rem] px-4 pb-56 md:px-8 md:pb-10">
      <HostHeader stops={stops} />
      <main>
        <PartBoundary>
          <AdmissionNote />
          <StaleNote />
        </PartBoundary>
        <PartBoundary>
          <Switch>
            <Route path="/host/log">{log}</Route>
            <Route>
              <Overview stops={stops} />
            </Route>
          </Switch>
        </PartBoundary>
      </main>
    </div>
  );
}

/** Since when nothing was heard, and what still works. */
function StaleNote() {
  const { link, known } = useLive((state) => ({ link: state.link, known: state.known }));
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
    <Note>{`${hostTexts.staleSince({ time: formatSecond(lostAt) })} ${hostTexts.stillStops}`}</Note>
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
