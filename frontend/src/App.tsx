import { lazy, Suspense } from "react";
import { Route, Switch, useRoute } from "wouter";
import { lazily } from "@/components/status/lazily";
import { PartBoundary } from "@/components/status/part-boundary";
import { PlainStop } from "@/components/status/plain-stop";
import { IdentityPanel } from "@/features/identity/components/identity-panel";
import { useIdentity } from "@/features/identity/hooks/use-identity";
import { GuestPage } from "@/features/pour/components/guest-page";
import type { WhoPlace } from "@/features/pour/components/pour-panel";
import { useLanguage } from "@/hooks/use-language";
import { LiveContext, useLive, useLiveConnection } from "@/hooks/use-live";
import { useNewestPage } from "@/hooks/use-newest-page";

/**
 * Notices are rare: their script comes after the page, which lives without it if it does not come.
 */
const Toaster = lazy(async () => {
  const sonner = await import("@/components/ui/sonner").catch(() => undefined);
  return { default: sonner?.Toaster ?? (() => null) };
});

/** The host's frame with STOP is there as early as a guest's page: `preloadView` waits for it. */
const HostArea = lazily(() => import("@/features/host/components/host-area"));
const LogPage = lazily(() => import("@/features/log/components/log-page"));
const WallPage = lazily(() => import("@/features/wall/components/wall-page"));

/** The script of the view that an address names, before the page is first drawn. */
export const preloadView = async (path: string): Promise<void> => {
  if (/^\/host(?:\/|$)/.test(path)) await HostArea.preload();
};

/**
 * One live stream, and the view that the address names: a guest's unless it says otherwise. What
 * may fail has a boundary around it; STOP has one of its own.
 */
export function App() {
  const live = useLiveConnection();
  return (
    <LiveContext value={live}>
      <View />
    </LiveContext>
  );
}

function View() {
  useLanguage();
  useNewestPage(useLive(({ serverId }) => serverId));
  const [, sticker] = useRoute("/tap/:name");
  return (
    <>
      <Switch>
        <Route path="/wall">
          <PartBoundary>
            <WallPage />
          </PartBoundary>
        </Route>
        <Route path="/host/*?">
          <PartBoundary loading={<PlainStop />} rescue={<PlainStop />}>
            <HostArea log={<LogPage />} />
          </PartBoundary>
        </Route>
        <Route>
          <PartBoundary rescue={<PlainStop />}>
            <Guest stickerTap={sticker?.name} />
          </PartBoundary>
        </Route>
      </Switch>
      <Suspense>
        <Toaster />
      </Suspense>
    </>
  );
}

/** The guest's page, and in it the panel that says who pours. */
export function Guest({ stickerTap }: { stickerTap: string | undefined }) {
  const identity = useIdentity();
  const { guest, seen } = identity;
  const ask = (place: WhoPlace) => <IdentityPanel identity={identity} {...place} />;
  return <GuestPage who={{ guest, onPour: seen, ask }} stickerTap={stickerTap} />;
}
