import { Glass } from "@/components/glass/glass";
import { drawnAlone } from "@/components/status/drawn-alone";
import { TapBadge } from "@/components/status/tap-badge";
import { wallTexts } from "@/features/wall/texts";
import { useTap } from "@/hooks/use-live";
import { useWallTap } from "@/hooks/use-wall-tap";
import { formatLiveMl, formatMl } from "@/lib/format";
import type { WallTap } from "@/lib/standing-glass";
import { texts } from "@/lib/texts";

/** One tap, read from across the room. */
export const WallGlass = drawnAlone(function WallGlass({ tapName }: { tapName: string }) {
  const tap = useTap(tapName);
  const seen = useWallTap(tap);
  if (!tap || !seen) return null;
  const { glass, guest } = seen;
  return (
    <article
      aria-label={tap.drink ?? tap.name}
      className="flex min-h-0 min-w-0 flex-col items-center rounded-[3vmin] border bg-card/60 p-[2vmin] text-center"
    >
      <h2 className="max-w-full truncate text-[max(1.25rem,4vmin)] leading-tight font-extrabold">
        {tap.drink ?? tap.name}
      </h2>
      <TapBadge tap={tap} size="wall" />
      <Glass view={glass} className="my-[1vmin] min-h-0 w-full flex-1" />
      <Amount glass={glass} />
      <p className="h-[1.5em] max-w-full truncate text-[max(1rem,2.8vmin)] text-muted-foreground">
        {guest !== undefined && guest !== "" && wallTexts.by({ guest })}
      </p>
    </article>
  );
});

function Amount({ glass: { pouring, filledMl, targetMl } }: Pick<WallTap, "glass">) {
  const target = targetMl === undefined ? undefined : formatMl(targetMl);
  const filled = pouring ? formatLiveMl(filledMl ?? 0) : formatMl(filledMl ?? 0);
  const known = filledMl !== undefined;
  return (
    <p
      className="h-[1.2em] text-[max(1.5rem,6vmin)] leading-none font-extrabold"
      aria-hidden="true"
    >
      {target !== undefined && <span>{`${known ? filled : target} `}</span>}
      {target !== undefined && (
        <span className="text-[0.45em] font-semibold text-muted-foreground">
          {known && pouring ? texts.glass.of({ amount: target }) : texts.unit}
        </span>
      )}
    </p>
  );
}
