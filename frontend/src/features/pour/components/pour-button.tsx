import {
  Check,
  CircleStop,
  CircleX,
  GlassWater,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
  Ruler,
  TriangleAlert,
  UserRound,
  WifiOff,
} from "lucide-react";
import { Button } from "@/components/ui/button";
import type { Block, PourButtonView } from "@/features/pour/lib/pour-view";
import { pourTexts } from "@/features/pour/texts";
import { formatMl } from "@/lib/format";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";

interface PourButtonProps {
  view: PourButtonView;
  amountMl: number | undefined;
  onPour: () => void;
  onStop: () => void;
  /** It was pressed while something is missing that the guest can fill in. */
  onMissing: (what: "guest" | "amount") => void;
  className?: string;
}

const signs: Record<Block["sign"], LucideIcon> = {
  person: UserRound,
  amount: Ruler,
  glass: GlassWater,
  wait: Hourglass,
  link: WifiOff,
  stopped: CircleX,
  fault: TriangleAlert,
};

/**
 * The one button: POUR, STOP, or the reason why neither. It is never `disabled`, only
 * `aria-disabled`, so that it keeps the keyboard's focus and a screen reader can always read its
 * reason.
 */
export function PourButton({
  view,
  amountMl,
  onPour,
  onStop,
  onMissing,
  className,
}: PourButtonProps) {
  const press = () => {
    if (view.kind === "pour") onPour();
    else if (view.kind === "stop") onStop();
    else if (view.kind === "blocked" && view.missing) onMissing(view.missing);
  };
  const active = view.kind === "pour" || view.kind === "stop";
  return (
    <Button
      size={active ? "pour" : "sentence"}
      variant={view.kind === "stop" ? "destructive" : active ? "default" : "secondary"}
      aria-disabled={!active}
      onClick={press}
      className={cn(active && "shadow-lg shadow-(color:--shadow)", className)}
    >
      <Face view={view} amountMl={amountMl} />
    </Button>
  );
}

function Face({ view, amountMl }: Pick<PourButtonProps, "view" | "amountMl">) {
  const { button } = pourTexts;
  switch (view.kind) {
    case "pour":
      return (
        <>
          <GlassWater className="size-7" aria-hidden />
          <span className="contents">
            <span className="font-extrabold uppercase tracking-wide">{button.pour}</span>{" "}
            <span className="font-semibold">
              {amountMl === undefined ? "" : `${formatMl(amountMl)} ${texts.unit}`}
            </span>
          </span>
        </>
      );
    case "stop":
      return (
        <>
          <CircleStop className="size-7" aria-hidden />
          <span className="font-extrabold uppercase tracking-wide">{pourTexts.button.stop}</span>
        </>
      );
    case "busy":
      return (
        <>
          <LoaderCircle className="size-6 animate-spin" aria-hidden />
          <span className="text-balance">{view.label}</span>
        </>
      );
    case "resting":
      return (
        <>
          <Check className="size-6" aria-hidden />
          <span>{pourTexts.button.resting}</span>
        </>
      );
    case "blocked": {
      const Sign = signs[view.sign];
      return (
        <>
          <Sign className="size-6 text-muted-foreground" aria-hidden />
          <span className="text-balance">{view.label}</span>
        </>
      );
    }
  }
}
