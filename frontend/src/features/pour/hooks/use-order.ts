import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { ARRIVAL_MAX_MS, type OrderState } from "@/features/pour/lib/order";
import { OrderRunner } from "@/features/pour/lib/order-runner";
import { newRequestId } from "@/features/pour/lib/request-id";
import { useLiveSource } from "@/hooks/use-live";
import { useHeldPage } from "@/hooks/use-newest-page";
import { phoneNow } from "@/lib/clock";
import { deadlineIn } from "@/lib/deadline";
import { watchLive } from "@/lib/live-watch";
import type { Tap } from "@/types/wire";

async function showNotice(text: string): Promise<void> {
  const sonner = await import("sonner").catch(() => undefined);
  sonner?.toast.error(text);
}

export interface OrderHandle {
  state: OrderState;
  /** Orders a pour under a fresh id; does nothing while one is open. */
  pour(wish: { tap: string; amountMl: number; userToken: string }): void;
  stop(): void;
  /** Puts the receipt away. */
  dismiss(): void;
}

/** This phone's order, from the press to the receipt, as the live stream tells of it. */
export function useOrder(): OrderHandle {
  const source = useLiveSource();
  const [runner] = useState(() => new OrderRunner((reason) => void showNotice(reason)));
  useEffect(() => {
    runner.start();
    return () => runner.stop();
  }, [runner]);
  const state = useSyncExternalStore(runner.subscribe, runner.getState);
  const { phase } = state;
  // Its receipt too, as long as the glass stands there.
  useHeldPage(phase === "settled" ? state.resting || !state.glassLifted : phase !== "none");
  // A phone in the other hand says that it is over, where it can.
  useEffect(() => {
    if (phase === "settled") navigator.vibrate?.(40);
  }, [phase]);
  // Each phase looks for something else in what the taps say, so a new one looks again.
  useEffect(() => {
    if (phase === "none") return;
    const look = (taps: readonly Tap[]) => {
      for (const tap of taps) runner.handle({ type: "tap_seen", tap });
    };
    return watchLive(source, ({ taps }) => taps, look);
  }, [runner, source, phase]);

  const actions = useMemo(
    () => ({
      pour: (wish: { tap: string; amountMl: number; userToken: string }) =>
        runner.handle({
          type: "pressed",
          order: {
            requestId: newRequestId(),
            pressedAt: phoneNow(),
            deadline: deadlineIn(ARRIVAL_MAX_MS),
            ...wish,
          },
        }),
      stop: () => runner.handle({ type: "stop_pressed" }),
      dismiss: () => runner.handle({ type: "dismissed" }),
    }),
    [runner],
  );
  return { state, ...actions };
}
