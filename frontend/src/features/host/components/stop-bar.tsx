import { LoaderCircle, OctagonX, TriangleAlert } from "lucide-react";
import { Button } from "@/components/ui/button";
import type { Stops } from "@/features/host/hooks/use-stops";
import { hasFailed, notStopped, type Said, type StopState } from "@/features/host/lib/host-stop";
import { hostTexts } from "@/features/host/texts";
import { useLive } from "@/hooks/use-live";
import { reasonWords, wordOf } from "@/lib/reason-words";
import { texts } from "@/lib/texts";

/**
 * STOP ALL: one press, no question, also while nothing is known of the machines. It can always be
 * pressed again, and says loudly what may still pour.
 */
export function StopBar({ stops }: { stops: Stops }) {
  const { state, stop } = stops;
  const asking = state.asking.length > 0;
  const failed = hasFailed(state);
  const host = hostTexts;
  const Icon = asking ? LoaderCircle : OctagonX;
  const everyTap = useLive(({ taps }) => taps.length > 0 && taps.every(({ stopped }) => stopped));
  return (
    <div className="fixed inset-x-0 bottom-0 z-20 flex flex-col gap-2 border-t bg-background px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] md:contents">
      {failed && <Failure state={state} />}
      <Button
        variant="destructive"
        size="stop"
        onClick={() => stop(undefined)}
        className="font-extrabold uppercase tracking-wide shadow-lg shadow-(color:--shadow) md:order-3"
      >
        <Icon className={asking ? "size-7 animate-spin" : "size-7"} aria-hidden />
        <span>{failed && !asking ? host.stopAgain : texts.stopAll}</span>
      </Button>
      <p role="status" className="sr-only">
        {asking ? host.stopping : everyTap ? host.allStopped : ""}
      </p>
    </div>
  );
}

function Failure({ state }: { state: StopState }) {
  const host = hostTexts;
  const { failure } = state;
  const bad = notStopped(state);
  return (
    <div
      role="alert"
      // STOP stays in sight below it, on the smallest screen and at twice the size.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys, too
      tabIndex={0}
      className="flex max-h-[min(40svh,calc(100svh-9rem))] animate-appear items-start gap-3 overflow-y-auto rounded-xl border-2 border-destructive-text bg-card p-3 text-destructive-text md:order-4 md:basis-full"
    >
      <TriangleAlert className="mt-0.5 size-6 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1 wrap-anywhere">
        {failure && (
          <p className="font-bold">
            {failure.code === null
              ? `${host.stopLost} ${host.stopLostAdvice}`
              : reasonWords(failure.code, failure.reason)}
          </p>
        )}
        {bad.length > 0 && <p className="font-bold">{host.stopFailed}</p>}
        <ul>
          {bad.map(([tap, said]) => (
            <li key={tap}>
              <strong translate="no">{tap}</strong>
              <span>{`: ${saidWords(said)}`}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** What a machine said to a stop, and what to do where that was not enough. */
export const saidWords = ({ code, reason }: Said): string => wordOf(hostTexts.said, code) ?? reason;
