import { CircleCheck, Droplets, Hourglass, OctagonX, Play, TriangleAlert } from "lucide-react";
import { useCallback, useState } from "react";
import { drawnAlone } from "@/components/status/drawn-alone";
import { Button } from "@/components/ui/button";
import { ResumeSheet } from "@/features/host/components/resume-sheet";
import { type Room, TapCard } from "@/features/host/components/tap-card";
import { WhySheet } from "@/features/host/components/why-sheet";
import type { Stops } from "@/features/host/hooks/use-stops";
import { useTotals } from "@/features/host/hooks/use-totals";
import { canResume, isAsking, type Scope } from "@/features/host/lib/host-stop";
import { type Summary, summaryOf, sumOf, tapAdvice } from "@/features/host/lib/host-view";
import type { TapTotal } from "@/features/host/lib/wire";
import { hostTexts } from "@/features/host/texts";
import { useLive, useTapNames } from "@/hooks/use-live";
import { useMinute } from "@/hooks/use-now";
import { formatCount, formatVolume } from "@/lib/format";
import { isStale } from "@/lib/live-state";
import { cn } from "@/lib/utils";

/** Few cards are large, many are small, and eight are seen at once on a desk. */
const layouts: Record<Room, string> = {
  wide: "lg:min-h-[calc(100svh-12.5rem)]",
  tall: "md:grid-cols-2 xl:auto-cols-fr xl:min-h-[calc(100svh-12.5rem)] xl:grid-flow-col xl:grid-cols-none",
  dense: "md:grid-cols-2 xl:grid-cols-[repeat(auto-fit,minmax(19rem,1fr))]",
};

function roomFor(count: number): Room {
  if (count === 1) return "wide";
  return count <= 3 ? "tall" : "dense";
}

/** All taps at once. Each card is drawn for its own tap's changes alone. */
export default function Overview({ stops }: { stops: Stops }) {
  const totals = useTotals(useMinute());
  const known = useLive((state) => state.known);
  const stale = useLive(isStale);
  const names = useTapNames();
  const [asked, setAsked] = useState<{ what: "why" | "resume"; scope: Scope }>();
  const close = () => setAsked(undefined);
  const { stop, state } = stops;
  const onResume = useCallback((tap?: string) => setAsked({ what: "resume", scope: tap }), []);
  const onWhy = useCallback((tap: string) => setAsked({ what: "why", scope: tap }), []);
  const room = roomFor(names.length);

  if (!known) return null;
  if (names.length === 0) return <p className="py-10 text-center">{hostTexts.noTaps}</p>;
  return (
    <section
      aria-label={hostTexts.taps}
      className={room === "wide" ? "mx-auto max-w-5xl" : undefined}
    >
      <SummaryLine totals={totals} onResumeAll={onResume} />
      <ul
        className={cn(
          "grid gap-4 transition-[filter] duration-300",
          layouts[room],
          stale && "grayscale",
        )}
      >
        {names.map((name) => (
          <li key={name} className="min-w-0">
            <TapCard
              room={room}
              tapName={name}
              total={totals?.find((total) => total.tap === name)}
              said={state.said.get(name)}
              stopping={isAsking(state, name)}
              onStop={stop}
              onResume={onResume}
              onWhy={onWhy}
            />
          </li>
        ))}
      </ul>
      <Troubles />
      {asked?.what === "why" && asked.scope !== undefined && names.includes(asked.scope) && (
        <WhySheet tapName={asked.scope} onClose={close} />
      )}
      {asked?.what === "resume" && (
        <ResumeSheet scope={asked.scope} resume={stops.resume} onClose={close} />
      )}
    </section>
  );
}

/** What is wrong, for those who cannot see the cards. */
function Troubles() {
  const told = useLive(({ taps }) =>
    taps.flatMap((tap) => tapAdvice(tap).map(({ title }) => `${tap.name}: ${title}.`)).join(" "),
  );
  return (
    <p role="status" className="sr-only">
      {told}
    </p>
  );
}

interface SummaryLineProps {
  totals: readonly TapTotal[] | undefined;
  onResumeAll: () => void;
}

const SummaryLine = drawnAlone(function SummaryLine({ totals, onResumeAll }: SummaryLineProps) {
  const host = hostTexts;
  const summary = useLive(({ taps }) => summaryOf(taps));
  const { ready, stopped, taps } = summary;
  const resumable = useLive((state) => state.taps.some(canResume));
  const sum = totals && sumOf(totals);
  const pours = host.pours({ count: sum?.pours ?? 0 });
  const { Icon, color } = summarySign(summary);
  return (
    <div className="flex min-h-14 flex-wrap items-center gap-x-6 gap-y-1 py-2 md:py-3">
      <p className="flex items-center gap-2 font-semibold">
        <Icon className={cn("size-5", color)} aria-hidden />
        <span>
          {stopped === taps
            ? hostTexts.allStopped
            : host.ready({ ready: formatCount(ready), all: formatCount(taps) })}
        </span>
      </p>
      <p data-part="today">
        <span className="text-muted-foreground">{`${host.today} `}</span>
        {sum ? (
          <>
            <strong>{formatVolume(sum.delivered_ml)}</strong>
            <span className="text-muted-foreground">{` · ${pours}`}</span>
          </>
        ) : (
          <span>{host.notKnown}</span>
        )}
      </p>
      {resumable && (stopped > 1 || stopped === taps) && (
        <Button variant="secondary" onClick={() => onResumeAll()} className="ms-auto">
          <Play className="size-5" aria-hidden />
          <span>{host.resumeAll}</span>
        </Button>
      )}
    </div>
  );
});

function summarySign({ troubled, stopped, pouring, ready, taps }: Summary) {
  if (troubled > 0) return { Icon: TriangleAlert, color: "text-destructive-text" };
  if (stopped === taps) return { Icon: OctagonX, color: "text-destructive-text" };
  if (pouring > 0) return { Icon: Droplets, color: "text-primary-text" };
  if (ready > 0) return { Icon: CircleCheck, color: "text-success-text" };
  return { Icon: Hourglass, color: "text-warning-text" };
}
