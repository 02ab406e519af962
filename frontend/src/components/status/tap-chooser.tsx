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

/** All taps at a glance; they scroll sideways when there are many. */
export function TapChooser({ taps, chosen, onChoose, locked, stale }: TapChooserProps) {
  return (
    <ToggleGroup
      aria-label={texts.tap.choose}
      value={chosen}
      onValueChange={onChoose}
      className={cn(
        "-mx-4 overflow-x-auto px-4 py-1 transition-[filter] duration-300",
        stale && "grayscale",
      )}
    >
      {taps.map((tap) => (
        <ToggleGroupItem
          key={tap.name}
          value={tap.name}
          disabled={locked && tap.name !== chosen}
          size="wide"
          className="disabled:opacity-60"
        >
          <span className="block truncate font-semibold leading-tight">{tap.name}</span>{" "}
          <TapBadge tap={tap} />
        </ToggleGroupItem>
      ))}
    </ToggleGroup>
  );
}
