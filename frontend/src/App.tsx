import { lazy, Suspense } from "react";
import { ActivityLog } from "@/components/activity/activity-log";
import { PourPanel } from "@/components/pour/pour-panel";
import { LinkBadge } from "@/components/status/link-badge";
import { Logo } from "@/components/status/logo";
import { useLive } from "@/hooks/use-live";
import { useOrder } from "@/hooks/use-order";
import { useChosenTap } from "@/hooks/use-remembered";
import { openOrder } from "@/lib/order";
import { texts } from "@/lib/texts";

/**
 * Notices are rare: their script comes after the page, which lives without it if it does not come.
 */
const Toaster = lazy(async () => {
  const sonner = await import("@/components/ui/sonner").catch(() => undefined);
  return { default: sonner?.Toaster ?? (() => null) };
});

export function App() {
  const live = useLive();
  const order = useOrder(live.taps);
  const [chosen, choose] = useChosenTap();

  const wanted = openOrder(order.state)?.tap ?? chosen;
  const tap = live.taps.find(({ name }) => name === wanted) ?? live.taps[0];
  const chooseTap = (name: string) => {
    order.dismiss();
    choose(name);
  };

  return (
    <div className="mx-auto max-w-6xl px-4 md:grid md:grid-cols-[minmax(0,26rem)_minmax(0,1fr)] lg:grid-cols-[minmax(0,30rem)_minmax(0,1fr)] md:gap-x-10 md:px-8">
      <header className="flex min-h-13 flex-wrap items-center justify-between gap-x-3 md:col-span-2 md:min-h-20">
        <h1 className="flex items-center gap-2 text-xl font-extrabold tracking-tight md:text-2xl">
          <Logo className="size-7 md:size-8" />
          {texts.app.name}
        </h1>
        <LinkBadge link={live.link} />
      </header>
      <main className="contents">
        <div className="flex min-h-[calc(100svh-12.25rem)] flex-col md:sticky md:top-4 md:h-[calc(100svh-7rem)] md:max-h-[56rem] md:min-h-[38rem]">
          <PourPanel live={live} tap={tap} onChooseTap={chooseTap} order={order} />
        </div>
        <div className="pt-4 pb-32 md:pt-0 md:pb-8">
          <ActivityLog rows={live.log} loaded={live.logLoaded} showTap={live.taps.length > 1} />
        </div>
      </main>
      <Suspense>
        <Toaster />
      </Suspense>
    </div>
  );
}
