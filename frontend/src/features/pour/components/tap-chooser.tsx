import { drawnAlone } from "@/components/status/drawn-alone";
import { TapBadge } from "@/components/status/tap-badge";
import { RadioGroup, RadioGroupItem } from "@/components/ui/radio-group";
import { pourTexts } from "@/features/pour/texts";
import { useLive, useTap, useTapNames } from "@/hooks/use-live";
import { isStale } from "@/lib/live-state";
import { cn } from "@/lib/utils";
import type { Tap } from "@/types/wire";

interface TapChooserProps {
  chosen: string | undefined;
  onChoose: (tap: string) => void;
  /** While a pour is open the page stays with its tap. */
  locked: boolean;
}

/**
 * All taps at a glance: what they pour, and whether they can. They scroll sideways when there are
 * many. A tap that is the only one is shown, not chosen, unless the one that was chosen is gone.
 * The room for them is kept while they are not known yet, so that nothing jumps under a thumb.
 */
export const TapChooser = drawnAlone(function TapChooser({
  chosen,
  onChoose,
  locked,
}: TapChooserProps) {
  const stale = useLive(isStale);
  const names = useTapNames();
  // What is shown may no longer be so.
  const look = cn("transition-[filter] duration-300", stale && "grayscale");
  const [only, another] = names;
  if (only === undefined || (another === undefined && chosen !== undefined)) {
    return (
      <div className={cn("flex min-h-15.5 items-center justify-center gap-3", look)}>
        {only !== undefined && <OnlyTap tapName={only} />}
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
      {names.map((name) => (
        <RadioGroupItem
          key={name}
          value={name}
          disabled={locked && name !== chosen}
          size="wide"
          className="snap-start has-disabled:opacity-60"
        >
          <span className="max-w-full truncate text-[0.9375rem] leading-tight font-semibold sm:text-base">
            <TapDrink tapName={name} />
          </span>{" "}
          <span className="contents">
            <LiveBadge tapName={name} />
          </span>
        </RadioGroupItem>
      ))}
    </RadioGroup>
  );
});

function OnlyTap({ tapName }: { tapName: string }) {
  return (
    <>
      <span className="min-w-0 truncate text-lg font-bold">
        <TapDrink tapName={tapName} />
      </span>
      <LiveBadge tapName={tapName} />
    </>
  );
}

/** What a tap pours: the only text of its element. */
function TapDrink({ tapName }: { tapName: string }) {
  return useLive(({ taps }) => faceOf(tapName, taps));
}

function LiveBadge({ tapName }: { tapName: string }) {
  const tap = useTap(tapName);
  return tap && <TapBadge tap={tap} />;
}

/** The drink is what a guest looks for; the tap's own name tells two of a kind apart. */
function faceOf(name: string, taps: readonly Tap[]): string {
  const drink = taps.find((tap) => tap.name === name)?.drink;
  if (drink === undefined || drink === null) return name;
  return taps.filter((other) => other.drink === drink).length > 1 ? `${drink}, ${name}` : drink;
}
