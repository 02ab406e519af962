import { type ReactNode, type RefObject, useRef, useState } from "react";
import { Glass } from "@/components/glass/glass";
import { PartBoundary } from "@/components/status/part-boundary";
import { PlainStop } from "@/components/status/plain-stop";
import {
  type AmountChoice,
  AmountPicker,
  chosenAmount,
  firstChoice,
} from "@/features/pour/components/amount-picker";
import { PourButton } from "@/features/pour/components/pour-button";
import { Readout } from "@/features/pour/components/readout";
import { DoubtCard, ReceiptCard } from "@/features/pour/components/receipt-card";
import { StaleBanner } from "@/features/pour/components/stale-banner";
import { TapChooser } from "@/features/pour/components/tap-chooser";
import type { OrderHandle } from "@/features/pour/hooks/use-order";
import { announcement } from "@/features/pour/lib/announcement";
import { isInDoubt, openOrder } from "@/features/pour/lib/order";
import { glassView, type PourInputs, pourButtonView } from "@/features/pour/lib/pour-view";
import { useLive, useTapNames } from "@/hooks/use-live";
import { isStale, type LiveState } from "@/lib/live-state";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";

/** Where it is said who pours: what that part of the page is told. */
export interface WhoPlace {
  /** For whom the pour is that this phone has under way: that does not change any more. */
  pouringFor: string | undefined;
  /** The tag on the chosen tap's reader. */
  tag: string | undefined;
  /** The taps there are, for whoever scans a sticker instead of a badge. */
  taps: readonly string[];
  onChooseTap: (tap: string) => void;
  inputRef: RefObject<HTMLInputElement | null>;
}

/** Who pours: known, and asked for, by a part of the page that knows nothing of pouring. */
export interface Who {
  guest: string | undefined;
  /** The guest pours: what was new about them is so no longer. */
  onPour: () => void;
  ask: (place: WhoPlace) => ReactNode;
}

interface PourPanelProps {
  who: Who;
  /** The chosen tap, if there is one of that name. */
  tapName: string | undefined;
  onChooseTap: (tap: string) => void;
  order: OrderHandle;
}

/** What a part that follows the tap needs besides. */
interface Chosen {
  tapName: string | undefined;
  order: OrderHandle;
  guest: string | undefined;
  amountMl: number | undefined;
}

const tapOf = ({ taps }: LiveState, name: string | undefined) =>
  taps.find((tap) => tap.name === name);

/** The tag on the reader of a tap that is free. */
const tagOn = (state: LiveState, name: string | undefined): string | undefined => {
  const tap = state.link === "live" ? tapOf(state, name) : undefined;
  return tap?.pour ? undefined : (tap?.tag ?? undefined);
};

/**
 * Everything a guest needs, on one screen: the tap, the glass, who, how much, and the one button.
 * Only the parts that follow the tap are drawn at each of its changes.
 */
export function PourPanel({ who, tapName, onChooseTap, order }: PourPanelProps) {
  const { guest } = who;
  const [choice, setChoice] = useState(firstChoice);
  const guestInput = useRef<HTMLInputElement>(null);
  const amountInput = useRef<HTMLInputElement>(null);
  const tag = useLive((state) => tagOn(state, tapName));
  const taps = useTapNames();

  const { state } = order;
  const amountMl = chosenAmount(choice);
  const open = openOrder(state);
  const chosen: Chosen = { tapName, order, guest, amountMl };

  const pour = () => {
    if (tapName !== undefined && guest !== undefined && amountMl !== undefined) {
      order.pour({ tap: tapName, amountMl, userToken: guest });
      who.onPour();
    }
  };
  const focusMissing = (what: "guest" | "amount") =>
    (what === "guest" ? guestInput : amountInput).current?.focus();

  return (
    <section aria-label={texts.app.pour} className="flex flex-1 flex-col gap-3">
      <PartBoundary>
        <TapChooser chosen={tapName} onChoose={onChooseTap} locked={open !== undefined} />
        <PourGlass {...chosen} preset={choice.preset} />
        <div className="contents">
          {who.ask({ pouringFor: open?.userToken, tag, taps, onChooseTap, inputRef: guestInput })}
        </div>
        <AmountPicker
          choice={choice}
          onChange={setChoice}
          inputRef={amountInput}
          disabled={open !== undefined}
        />
      </PartBoundary>
      <div className="fixed inset-x-0 bottom-0 z-10 border-t bg-background px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] md:static md:border-0 md:bg-transparent md:p-0">
        <PartBoundary rescue={<PlainStop />}>
          <PourPress {...chosen} onPour={pour} onMissing={focusMissing} />
        </PartBoundary>
      </div>
      <Announcement {...chosen} />
    </section>
  );
}

/** The tap as it is now, beside what has been chosen. */
function useInputs({ tapName, order, guest, amountMl }: Chosen): PourInputs {
  const live = useLive((state) => ({
    link: state.link,
    tap: tapOf(state, tapName),
    mayChoose: state.taps.length > 0,
  }));
  return { ...live, order: order.state, guest, amountMl };
}

function PourGlass({ preset, ...chosen }: Chosen & { preset: AmountChoice["preset"] }) {
  const glass = glassView(useInputs(chosen));
  const stale = useLive(isStale);
  const { state, dismiss } = chosen.order;
  return (
    <div className="relative flex min-h-48 flex-1 flex-col items-center gap-3 md:pt-2">
      <StaleBanner />
      <Glass
        view={glass}
        className={cn(
          "min-h-20 w-full flex-1 basis-0 transition-[filter] duration-300",
          stale && "grayscale",
        )}
      />
      {state.phase === "settled" && <ReceiptCard outcome={state.outcome} onClose={dismiss} />}
      {isInDoubt(state) && <DoubtCard />}
      {/* The stepper says the same figure, and a small screen needs the room for the glass. */}
      {state.phase !== "settled" && !isInDoubt(state) && (glass.pouring || preset !== "custom") && (
        <Readout view={glass} />
      )}
    </div>
  );
}

interface PourPressProps extends Chosen {
  onPour: () => void;
  onMissing: (what: "guest" | "amount") => void;
}

function PourPress({ onPour, onMissing, ...chosen }: PourPressProps) {
  return (
    <PourButton
      view={pourButtonView(useInputs(chosen))}
      amountMl={chosen.amountMl}
      onPour={onPour}
      onStop={chosen.order.stop}
      onMissing={onMissing}
    />
  );
}

/** What somebody who cannot see it is told. */
function Announcement(chosen: Chosen) {
  return (
    <p role="status" className="sr-only">
      {announcement(useInputs(chosen))}
    </p>
  );
}
