import { TapBadge } from "@/components/status/tap-badge";
import { ToggleGroup, ToggleGroupItem } from "@/components/ui/toggle-group";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";
import type { Tap } from "@/types/wire";

interface TapChooserProps {
  taps: readonly Tap[];
  chosen: string;
  onChoose: (tap: string) => void;
  /** While a pour is open the page stays with its tap. */
  locked: boolean;
  /** What is shown may no longer be so. */
  stale: boolean;
}

/**
 * All taps at a glance: what they pour, and whether they can. They scroll sideways when there are
 * many. A tap that is the only one is shown, not chosen.
 */
export function TapChooser({ taps, chosen, onChoose, locked, stale }: TapChooserProps) {
  const look = cn("transition-[filter] duration-300", stale && "grayscale");
  const [only] = taps;
  if (only && taps.length === 1) {
    return (
      <div className={cn("flex items-center justify-center gap-3 py-1", look)}>
        <span className="min-w-0 truncate text-lg font-bold">{only.drink ?? only.name}</span>
        <TapBadge tap={only} />
      </div>
    );
  }
  return (
    <ToggleGroup
      aria-label={texts.tap.choose}
      value={chosen}
      onValueChange={onChoose}
      className={cn("-mx-4 snap-x overflow-x-auto scroll-px-4 px-4 py-1", look)}
    >
      {taps.map((tap) => (
        <ToggleGroupItem
          key={tap.name}
          value={tap.name}
          disabled={locked && tap.name !== chosen}
          size="wide"
          className="snap-start disabled:opacity-60"
        >
          <TapName tap={tap} /> <TapBadge tap={tap} />
        </ToggleGroupItem>
      ))}
    </ToggleGroup>
  );
}

/** The drink is what a guest looks for; the tap's own name is for telling two of a kind apart. */
function TapName({ tap: { name, drink } }: { tap: Tap }) {
  return (
    <span className="block truncate leading-tight font-semibold">
      {drink ?? name}
      {drink !== null && <span className="text-sm font-normal text-muted-foreground"> {name}</span>}
    </span>
  );
}
