import {
  CircleDashed,
  CircleHelp,
  GlassWater,
  LoaderCircle,
  OctagonX,
  Play,
  TriangleAlert,
} from "lucide-react";
import { type ReactNode, useId } from "react";
import { ActivityAmount, ActivitySign, ActivityWord } from "@/components/activity/activity-parts";
import { Glass } from "@/components/glass/glass";
import { drawnAlone } from "@/components/status/drawn-alone";
import { Button } from "@/components/ui/button";
import { saidWords } from "@/features/host/components/stop-bar";
import { TapState } from "@/features/host/components/tap-state";
import { canResume, type Said } from "@/features/host/lib/host-stop";
import { glassWord, latestOf, tapAdvice } from "@/features/host/lib/host-view";
import type { TapTotal } from "@/features/host/lib/wire";
import { hostTexts } from "@/features/host/texts";
import { useLive, useTap } from "@/hooks/use-live";
import { useWallTap } from "@/hooks/use-wall-tap";
import { formatClock, formatLiveMl, formatMl, formatVolume } from "@/lib/format";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";
import type { Tap } from "@/types/wire";

export interface TapCardProps {
  tapName: string;
  /** What it has poured today; nothing while that is not known. */
  total: TapTotal | undefined;
  said: Said | undefined;
  stopping: boolean;
  onStop: (tap: string) => void;
  onResume: (tap: string) => void;
  onWhy: (tap: string) => void;
  room: Room;
}

/** How much room a card has on a large screen: shared with many others, with few, or with none. */
export type Room = "dense" | "tall" | "wide";

const bodies: Record<Room, string> = {
  dense: "",
  tall: "xl:flex-col xl:flex-nowrap xl:items-stretch xl:gap-5",
  wide: "lg:gap-12",
};

const glasses: Record<Room, string> = {
  dense: "h-36 w-24 @sm:h-40 @sm:w-28",
  tall: "h-36 w-24 xl:h-auto xl:min-h-52 xl:w-full xl:flex-1 xl:basis-0",
  wide: "h-36 w-24 lg:h-104 lg:w-80",
};

const infos: Record<Room, string> = {
  dense: "basis-32 justify-center",
  tall: "basis-32 justify-center xl:min-h-72 xl:grow-0 xl:basis-auto xl:justify-start",
  wide: "basis-32 justify-center",
};

/** The latest pours that are shown: the first few wherever there is little room. */
const LATEST = 5;
const latestOnes: Record<Room, string> = {
  dense: "nth-[n+4]:hidden",
  tall: "nth-[n+4]:hidden xl:nth-[n+4]:flex xl:text-base",
  wide: "nth-[n+4]:hidden lg:nth-[n+4]:flex lg:text-base",
};

/** One tap: how it is, what it does, what is wrong with it, and its STOP. */
export const TapCard = drawnAlone(function TapCard(props: TapCardProps) {
  const { tapName, total, said, room } = props;
  const titleId = useId();
  const tap = useTap(tapName);
  const glass = useWallTap(tap)?.glass;
  if (!tap || !glass) return null;
  const advice = tapAdvice(tap);
  // A small card has room for what matters now, or for what has been.
  const busy = tap.pour !== null || advice.length > 0;
  return (
    <article
      aria-labelledby={titleId}
      data-tap={tap.name}
      className="@container flex h-full flex-col gap-3 overflow-hidden rounded-2xl border bg-card p-4 text-card-foreground shadow-lg shadow-(color:--shadow)"
    >
      <header className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <h2 id={titleId} translate="no" className="truncate text-xl leading-tight font-extrabold">
            {tap.name}
          </h2>
          {tap.drink !== null && <p className="truncate text-muted-foreground">{tap.drink}</p>}
        </div>
        <TapState tap={tap} />
      </header>
      <div className={cn("flex min-h-36 flex-1 flex-wrap items-center gap-4", bodies[room])}>
        <Glass view={glass} className={cn("my-1 shrink-0", glasses[room])} />
        <div className={cn("flex min-w-0 grow flex-col gap-2", infos[room])}>
          {tap.pour ? <Running pour={tap.pour} /> : <Resting tap={tap} />}
          {advice.map(({ key, title, action }) => (
            <Trouble key={key} title={title}>
              {action}
            </Trouble>
          ))}
          {said && (tap.stopped || said.code !== "not_pouring") && (
            <p className="text-sm font-semibold" data-said={said.code}>
              {saidWords(said)}
            </p>
          )}
          {!(busy && room === "dense") && <Latest tapName={tap.name} room={room} aside={busy} />}
        </div>
      </div>
      <footer className="flex flex-wrap items-center gap-2 border-t pt-3">
        <Total total={total} />
        <Presses {...props} tap={tap} />
      </footer>
    </article>
  );
});

function Running({ pour }: { pour: NonNullable<Tap["pour"]> }) {
  const { user_token, requested_ml, delivered_ml } = pour;
  const asked = formatMl(requested_ml);
  const measured = delivered_ml !== null;
  return (
    <div>
      <p className="truncate font-semibold">
        {hostTexts.running({ person: user_token || texts.log.unnamed })}
      </p>
      <p>
        <span className="text-4xl font-extrabold tracking-tight @lg:text-6xl">
          {`${measured ? formatLiveMl(delivered_ml) : asked} `}
        </span>
        <span className="text-muted-foreground">
          {measured && requested_ml > 0 ? texts.glass.of({ amount: asked }) : texts.unit}
        </span>
      </p>
      {!measured && <p className="text-sm text-muted-foreground">{texts.glass.unmeasured}</p>}
    </div>
  );
}

function Resting({ tap }: { tap: Tap }) {
  const Icon = tap.online && tap.glass_present ? GlassWater : CircleDashed;
  return (
    <p className="flex items-center gap-2 text-sm text-muted-foreground">
      <Icon className="size-4 shrink-0" aria-hidden />
      <span>{glassWord(tap)}</span>
    </p>
  );
}

function Trouble({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="flex items-start gap-2 rounded-xl border border-destructive-text p-2.5 text-sm leading-snug">
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-destructive-text" aria-hidden />
      <div className="min-w-0">
        <p className="font-bold text-destructive-text">{title}</p>
        <p>{children}</p>
      </div>
    </div>
  );
}

interface LatestProps {
  tapName: string;
  room: Room;
  /** Something else is more important: only a large screen has room for these. */
  aside: boolean;
}

/** The pours before, newest first. */
function Latest({ tapName, room, aside }: LatestProps) {
  const latest = useLive(({ log }) => latestOf(tapName, log, LATEST));
  const shown = aside && (room === "tall" ? "hidden xl:flex" : "hidden lg:flex");
  if (latest.length === 0) {
    return !aside && <p className="text-sm text-muted-foreground">{hostTexts.nothingLately}</p>;
  }
  return (
    <ul aria-label={hostTexts.lately} className={cn("flex-col gap-1.5", shown || "flex")}>
      {latest.map((row) => (
        <li key={row.id} className={cn("flex items-center gap-2 text-sm", latestOnes[room])}>
          <ActivitySign row={row} size="small" />
          <span className="sr-only">
            <ActivityWord row={row} />
          </span>
          <span className="min-w-0 flex-1 truncate">{row.user_token || texts.log.unnamed}</span>
          <ActivityAmount row={row} />
          <time
            dateTime={new Date(row.timestamp_ms).toISOString()}
            className="hidden text-end whitespace-nowrap text-muted-foreground @sm:inline"
          >
            {formatClock(row.timestamp_ms)}
          </time>
        </li>
      ))}
    </ul>
  );
}

function Total({ total }: { total: TapTotal | undefined }) {
  const pours = hostTexts.pours({ count: total?.pours ?? 0 });
  return (
    <dl className="me-auto min-w-24 text-sm leading-tight">
      <dt className="text-muted-foreground">{hostTexts.today}</dt>
      <dd>
        {total ? (
          <>
            <strong>{formatVolume(total.delivered_ml)}</strong>
            <span className="text-muted-foreground">{` · ${pours}`}</span>
          </>
        ) : (
          hostTexts.notKnown
        )}
      </dd>
    </dl>
  );
}

function Presses({
  tap,
  said,
  stopping,
  onStop,
  onResume,
  onWhy,
}: Omit<TapCardProps, "tapName"> & { tap: Tap }) {
  const host = hostTexts;
  const pours = tap.pour !== null || (tap.online && tap.state !== "idle");
  const doubtful = said?.code === "no_answer" || said?.code === "cannot_stop";
  const Sign = stopping ? LoaderCircle : OctagonX;
  return (
    <div className="flex flex-1 flex-wrap justify-end gap-2">
      <Button
        variant="ghost"
        onClick={() => onWhy(tap.name)}
        aria-label={host.whyOf({ tap: tap.name })}
      >
        <CircleHelp className="size-5" aria-hidden />
        <span className="hidden @sm:inline">{host.why}</span>
      </Button>
      {canResume(tap) && (
        <Button
          variant="secondary"
          onClick={() => onResume(tap.name)}
          aria-label={host.resumeOf({ tap: tap.name })}
        >
          <Play className="size-5" aria-hidden />
          <span>{host.resume}</span>
        </Button>
      )}
      {(!tap.stopped || pours || doubtful) && (
        <Button
          variant={pours || doubtful ? "destructive" : "danger"}
          onClick={() => onStop(tap.name)}
          aria-label={host.stopOf({ tap: tap.name })}
        >
          <Sign className={stopping ? "size-5 animate-spin" : "size-5"} aria-hidden />
          <span>{doubtful ? hostTexts.stopAgain : host.stop}</span>
        </Button>
      )}
    </div>
  );
}
