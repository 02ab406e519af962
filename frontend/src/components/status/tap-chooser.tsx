import { TapBadge } from "@/components/status/tap-badge";
import { RadioGroup, RadioGroupItem } from "@/components/ui/radio-group";
import { pourTexts } from "@/lib/texts/pour";
import { cn } from "@/lib/utils";
import type { Tap } from "@/types/wire";

interface TapChooserProps {
  taps: readonly Tap[];
  chosen: string | undefined;
  onChoose: (tap: string) => void;
  /** While a pour is open the page stays with its tap. */
  locked: boolean;
  /** What is shown may no longer be so. */
  stale: boolean;
}

/**
 * All taps at a glance: what they pour, and whether they can. They scroll sideways when there are
 * many. A tap that is the only one is shown, not chosen, unless the one that was chosen is gone.
 * The room for them is kept while they are not known yet, so that nothing jumps under a thumb.
 */
export function TapChooser({ taps, chosen, onChoose, locked, stale }: TapChooserProps) {
  const look = cn("transition-[filter] duration-300", stale && "grayscale");
  const [only, another] = taps;
  if (!only || (!another && chosen !== undefined)) {
    return (
      <div className={cn("flex min-h-15.5 items-center justify-center gap-3", look)}>
        {only && (
          <>
            <span className="min-w-0 truncate text-lg font-bold">{faceOf(only, taps)}</span>
            <TapBadge tap={only} />
          </>
        )}
      </div>
    );
  }
  return (
    <RadioGroup
      aria-label={pourTexts.tap.choose}
      value={chosen}
      onValueChange={onChoose}
      className={cn("-mx-4 snap-x overflow-x-auto scroll-px-4 px-4 py-1", look)}
    >
      {taps.map((tap) => (
        <RadioGroupItem
          key={tap.name}
          value={tap.name}
          disabled={locked && tap.name !== chosen}
          size="wide"
          className="snap-start has-disabled:opacity-60"
        >
          <span className="max-w-full truncate text-[0.9375rem] leading-tight font-semibold sm:text-base">
            {faceOf(tap, taps)}
          </span>{" "}
          <span className="contents">
            <TapBadge tap={tap} />
          </span>
        </RadioGroupItem>
      ))}
    </RadioGroup>
  );
}

/** The drink is what a guest looks for; the tap's own name tells two of a kind apart. */
function faceOf({ name, drink }: Tap, taps: readonly Tap[]): string {
  if (drink === null) return name;
  return taps.filter((other) => other.drink === drink).length > 1 ? `${drink}, ${name}` : drink;
}
