// @vitest-environment jsdom
import "@/test/browser";
import { renderHook, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { useTotals } from "@/features/host/hooks/use-totals";
import { initialLiveState } from "@/lib/live-state";
import { server } from "@/test/server";
import { WithLive } from "@/test/with-live";

it("never shows yesterday's pours as today's", async () => {
  const live = { ...initialLiveState, link: "live" } as const;
  const evening = new Date(2026, 10, 22, 23, 59).getTime();
  let answerLater: (() => void) | undefined;
  server.use(
    http.get("*/api/totals", async ({ request }) => {
      const since = Number(new URL(request.url).searchParams.get("since"));
      const yesterday = since === new Date(2026, 10, 22).getTime() / 1000;
      if (!yesterday) await new Promise<void>((resolve) => (answerLater = resolve));
      const taps = [{ tap: "gin", pours: yesterday ? 40 : 0, delivered_ml: yesterday ? 999 : 0 }];
      return HttpResponse.json({ since, taps });
    }),
  );
  const { result, rerender } = renderHook(({ now_ms }) => useTotals(now_ms), {
    initialProps: { now_ms: evening },
    wrapper: ({ children }) => <WithLive live={live}>{children}</WithLive>,
  });
  await waitFor(() => expect(result.current?.[0]?.pours).toBe(40));
  rerender({ now_ms: evening + 60_000 });
  expect(result.current).toBeUndefined();
  await waitFor(() => expect(answerLater).toBeDefined());
  answerLater?.();
  await waitFor(() => expect(result.current?.[0]?.pours).toBe(0));
});
