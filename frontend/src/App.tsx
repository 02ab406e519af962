import { lazy, Suspense } from "react";
import { Route, Switch, useRoute } from "wouter";
import { GuestPage } from "@/components/pour/guest-page";
import { LoadBoundary } from "@/components/status/load-boundary";
import { useLive } from "@/hooks/use-live";

/**
 * Notices are rare: their script comes after the page, which lives without it if it does not come.
 */
const Toaster = lazy(async () => {
  const sonner = await import("@/components/ui/sonner").catch(() => undefined);
  return { default: sonner?.Toaster ?? (() => null) };
});

const WallPage = lazy(() => import("@/components/wall/wall-page"));
const HostArea = lazy(() => import("@/components/host/host-area"));

/** One live stream, and the view that the address names: a guest's unless it says otherwise. */
export function App() {
  const live = useLive();
  const [, sticker] = useRoute("/tap/:name");
  return (
    <>
      <LoadBoundary>
        <Switch>
          <Route path="/wall">
            <WallPage live={live} />
          </Route>
          <Route path="/host/*?">
            <HostArea live={live} />
          </Route>
          <Route>
            <GuestPage live={live} stickerTap={sticker?.name} />
          </Route>
        </Switch>
      </LoadBoundary>
      <Suspense>
        <Toaster />
      </Suspense>
    </>
  );
}
