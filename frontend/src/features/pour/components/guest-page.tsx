import { useCallback, useState } from "react";
import { useLocation } from "wouter";
import { AdmissionNote } from "@/components/status/admission-note";
import { PartBoundary } from "@/components/status/part-boundary";
import { ActivityLog } from "@/features/pour/components/activity-log";
import { PageHeader } from "@/features/pour/components/page-header";
import { PourPanel, type Who } from "@/features/pour/components/pour-panel";
import { useOrder } from "@/features/pour/hooks/use-order";
import { useChosenTap } from "@/features/pour/hooks/use-remembered";
import { openOrder } from "@/features/pour/lib/order";
import { pourTexts } from "@/features/pour/texts";
import { useLink, useLive, useTapNames } from "@/hooks/use-live";

interface GuestPageProps {
  who: Who;
  /** The tap the page was opened for, by the sticker on the machine. */
  stickerTap: string | undefined;
}

/** The guest's one screen, and what was poured lately beside or below it. */
export function GuestPage({ who, stickerTap }: GuestPageProps) {
  const order = useOrder();
  const link = useLink();
  const [chosen, choose] = useChosenTap();
  const [, navigate] = useLocation();

  // Who has not chosen is given the first one, and stays with it for as long as the page is open.
  const [given, setGiven] = useState<string>();
  const [first] = useTapNames();
  if (given === undefined && first !== undefined) setGiven(first);

  const wanted = openOrder(order.state)?.tap ?? stickerTap ?? chosen ?? given;
  // Whoever stands at a tap that is gone is asked: another one may stand in another room.
  const tapName = useLive(({ taps }) => taps.find(({ name }) => name === wanted)?.name);
  const missing = first !== undefined && tapName === undefined ? wanted : undefined;
  const { dismiss } = order;
  const chooseTap = useCallback(
    (name: string) => {
      dismiss();
      choose(name);
      if (stickerTap !== undefined) navigate("/", { replace: true });
    },
    [dismiss, choose, navigate, stickerTap],
  );

  return (
    <div className="mx-auto max-w-6xl px-4 md:grid md:grid-cols-[minmax(0,26rem)_minmax(0,1fr)] md:gap-x-10 md:px-8 lg:grid-cols-[minmax(0,30rem)_minmax(0,1fr)]">
      <PartBoundary>
        <PageHeader link={link} className="md:col-span-2" />
      </PartBoundary>
      <AdmissionNote />
      {missing !== undefined && openOrder(order.state) === undefined && (
        <p role="alert" className="pb-2 text-center text-warning-text md:col-span-2">
          {missing === stickerTap
            ? pourTexts.tap.unknown({ name: missing })
            : pourTexts.tap.gone({ name: missing })}
        </p>
      )}
      <main className="contents">
        <div className="flex min-h-[calc(100svh-12.25rem)] flex-col md:sticky md:top-4 md:h-[calc(100svh-7rem)] md:max-h-[56rem] md:min-h-[38rem]">
          <PourPanel who={who} tapName={tapName} onChooseTap={chooseTap} order={order} />
        </div>
        <div className="pt-4 pb-32 md:pt-0 md:pb-8">
          <PartBoundary>
            <ActivityLog />
          </PartBoundary>
        </div>
      </main>
    </div>
  );
}
