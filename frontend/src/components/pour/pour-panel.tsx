import { useRef, useState } from "react";
import { IdentityPanel } from "@/components/identity/identity-panel";
import { AmountPicker, chosenAmount, firstChoice } from "@/components/pour/amount-picker";
import { Glass } from "@/components/pour/glass";
import { PourButton } from "@/components/pour/pour-button";
import { Readout } from "@/components/pour/readout";
import { DoubtCard, ReceiptCard } from "@/components/pour/receipt-card";
import { PartBoundary } from "@/components/status/part-boundary";
import { PlainStop } from "@/components/status/plain-stop";
import { StaleBanner } from "@/components/status/stale-banner";
import { TapChooser } from "@/components/status/tap-chooser";
import { useIdentity } from "@/hooks/use-identity";
import type { OrderHandle } from "@/hooks/use-order";
import { announcement } from "@/lib/announcement";
import { isStale, type LiveState } from "@/lib/live-state";
import { isInDoubt, openOrder } from "@/lib/order";
import { glassView, type PourInputs, pourButtonView } from "@/lib/pour-view";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";
import type { Tap } from "@/types/wire";

interface PourPanelProps {
  live: LiveState;
  tap: Tap | undefined;
  onChooseTap: (tap: string) => void;
  order: OrderHandle;
}

/**
 * Everything a guest needs, on one screen: the tap, the glass, who, how much, and the one button.
 */
export function PourPanel({ live, tap, onChooseTap, order }: PourPanelProps) {
  const identity = useIdentity();
  const { guest } = identity;
  const [choice, setChoice] = useState(firstChoice);
  const guestInput = useRef<HTMLInputElement>(null);
  const amountInput = useRef<HTMLInputElement>(null);

  const { state } = order;
  const amountMl = chosenAmount(choice);
  const mayChoose = live.taps.length > 0;
  const inputs: PourInputs = { link: live.link, tap, mayChoose, order: state, guest, amountMl };
  const open = openOrder(state) !== undefined;
  const glass = glassView(inputs);

  const pour = () => {
    if (tap && guest !== undefined && amountMl !== undefined) {
      order.pour({ tap: tap.name, amountMl, userToken: guest });
      identity.seen();
    }
  };
  const focusMissing = (what: "guest" | "amount") =>
    (what === "guest" ? guestInput : amountInput).current?.focus();

  return (
    <section aria-label={texts.app.pour} className="flex flex-1 flex-col gap-3">
      <PartBoundary>
        <TapChooser
          stale={isStale(live)}
          taps={live.taps}
          chosen={tap?.name}
          onChoose={onChooseTap}
          locked={open}
        />
        <div className="relative flex min-h-48 flex-1 flex-col items-center gap-3 md:pt-2">
          <StaleBanner live={live} />
          <Glass
            view={glass}
            className={cn(
              "min-h-20 w-full flex-1 basis-0 transition-[filter] duration-300",
              isStale(live) && "grayscale",
            )}
          />
          {state.phase === "settled" && (
            <ReceiptCard outcome={state.outcome} onClose={order.dismiss} />
          )}
          {isInDoubt(state) && <DoubtCard />}
          {/* The stepper says the same figure, and a small screen needs the room for the glass. */}
          {state.phase !== "settled" &&
            !isInDoubt(state) &&
            (glass.pouring || choice.preset !== "custom") && <Readout view={glass} />}
        </div>
        <IdentityPanel
          identity={identity}
          pouringFor={openOrder(state)?.userToken}
          tag={live.link === "live" && !tap?.pour ? (tap?.tag ?? undefined) : undefined}
          taps={live.taps.map(({ name }) => name)}
          onChooseTap={onChooseTap}
          inputRef={guestInput}
        />
        <AmountPicker choice={choice} onChange={setChoice} inputRef={amountInput} disabled={open} />
      </PartBoundary>
      <div className="fixed inset-x-0 bottom-0 z-10 border-t bg-background px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] md:static md:border-0 md:bg-transparent md:p-0">
        <PartBoundary rescue={<PlainStop />}>
          <PourButton
            view={pourButtonView(inputs)}
            amountMl={amountMl}
            onPour={pour}
            onStop={order.stop}
            onMissing={focusMissing}
          />
        </PartBoundary>
      </div>
      <p role="status" className="sr-only">
        {announcement(inputs)}
      </p>
    </section>
  );
}
