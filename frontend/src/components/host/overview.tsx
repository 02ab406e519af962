import { CircleCheck, Droplets, Hourglass, OctagonX, Play, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { ResumeSheet } from "@/components/host/resume-sheet";
import { type Room, TapCard } from "@/components/host/tap-card";
import { WhySheet } from "@/components/host/why-sheet";
import { Button } from "@/components/ui/button";
import { useMinute } from "@/hooks/use-now";
import type { Stops } from "@/hooks/use-stops";
import { useTotals } from "@/hooks/use-totals";
import { useStandingGlasses } from "@/hooks/use-wall";
import { formatCount, formatVolume } from "@/lib/format";
import { isAsking, newestStop, type Scope } from "@/lib/host-stop";
import { type Summary, summaryOf, sumOf, tapAdvice } from "@/lib/host-view";
import { isStale, type LiveState } from "@/lib/live-state";
import { hostTexts } from "@/lib/texts/host";
import { cn } from "@/lib/utils";
import { wallTap } from "@/lib/wall";
import type { Tap, TapTotal } from "@/types/wire";

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

/** All taps at once. */
export default function Overview({ live, stops }: { live: LiveState; stops: Stops }) {
  const totals = useTotals(live, useMinute());
  const standing = useStandingGlasses(live.taps);
  const [asked, setAsked] = useState<{ what: "why" | "resume"; scope: Scope }>();
  const close = () => setAsked(undefined);
  const { taps } = live;
  const room = roomFor(taps.length);
  const tapAsked = taps.find(({ name }) => name === asked?.scope);

  if (!live.known) return null;
  if (taps.length === 0) return <p className="py-10 text-center">{hostTexts.noTaps}</p>;
  return (
    <section
      aria-label={hostTexts.taps}
      className={room === "wide" ? "mx-auto max-w-5xl" : undefined}
    >
      <SummaryLine
        taps={taps}
        totals={totals}
        onResumeAll={() => setAsked({ what: "resume", scope: undefined })}
      />
      <ul
        className={cn(
          "grid gap-4 transition-[filter] duration-300",
          layouts[room],
          isStale(live) && "grayscale",
        )}
      >
        {taps.map((tap) => (
          <li key={tap.name} className="min-w-0">
            <TapCard
              room={room}
              tap={tap}
              glass={wallTap(tap, standing).glass}
              rows={live.log}
              total={totals?.find((total) => total.tap === tap.name)}
              said={stops.state.said.get(tap.name)}
              stopping={isAsking(stops.state, tap.name)}
              onStop={() => stops.stop(tap.name)}
              onResume={() => setAsked({ what: "resume", scope: tap.name })}
              onWhy={() => setAsked({ what: "why", scope: tap.name })}
            />
          </li>
        ))}
      </ul>
      <p role="status" className="sr-only">
        {taps
          .flatMap((tap) => tapAdvice(tap).map(({ title }) => `${tap.name}: ${title}.`))
          .join(" ")}
      </p>
      {asked?.what === "why" && tapAsked && <WhySheet tap={tapAsked} onClose={close} />}
      {asked?.what === "resume" && (
        <ResumeSheet
          scope={asked.scope}
          newest={newestStop(taps, asked.scope)}
          resume={stops.resume}
          onClose={close}
        />
      )}
    </section>
  );
}

interface SummaryLineProps {
  taps: readonly Tap[];
  totals: readonly TapTotal[] | undefined;
  onResumeAll: () => void;
}

function SummaryLine({ taps, totals, onResumeAll }: SummaryLineProps) {
  const host = hostTexts;
  const summary = summaryOf(taps);
  const { ready, stopped } = summary;
  const sum = totals && sumOf(totals);
  const { Icon, color } = summarySign(summary);
  return (
    <div className="flex min-h-14 flex-wrap items-center gap-x-6 gap-y-1 py-2 md:py-3">
      <p className="flex items-center gap-2 font-semibold">
        <Icon className={cn("size-5", color)} aria-hidden />
        <span>
          {stopped === taps.length
            ? hostTexts.allStopped
            : host.ready({ ready: formatCount(ready), all: formatCount(taps.length) })}
        </span>
      </p>
      <p data-part="today">
        <span className="text-muted-foreground">{`${host.today} `}</span>
        {sum ? (
          <>
            <strong>{formatVolume(sum.delivered_ml)}</strong>
            <span className="text-muted-foreground">{` · ${host.pours({ count: sum.pours })}`}</span>
          </>
        ) : (
          <span>{host.notKnown}</span>
        )}
      </p>
      {stopped > 0 && (stopped > 1 || stopped === taps.length) && (
        <Button variant="secondary" onClick={onResumeAll} className="ms-auto">
          <Play className="size-5" aria-hidden />
          <span>{host.resumeAll}</span>
        </Button>
      )}
    </div>
  );
}

function summarySign({ troubled, stopped, pouring, ready, taps }: Summary) {
  if (troubled > 0) return { Icon: TriangleAlert, color: "text-destructive-text" };
  if (stopped === taps) return { Icon: OctagonX, color: "text-destructive-text" };
  if (pouring > 0) return { Icon: Droplets, color: "text-primary-text" };
  if (ready > 0) return { Icon: CircleCheck, color: "text-success-text" };
  return { Icon: Hourglass, color: "text-warning-text" };
}
