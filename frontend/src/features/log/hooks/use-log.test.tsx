// @vitest-environment jsdom
import "@/test/browser";
import { renderHook, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, it } from "vitest";
import { useLog } from "@/features/log/hooks/use-log";
import { everything } from "@/features/log/lib/log-filter";
import { initialLiveState } from "@/lib/live-state";
import { aRow } from "@/test/samples";
import { server } from "@/test/server";
import { WithLive } from "@/test/with-live";

const day_ms = 86_400_000;
const now_ms = new Date(2026, 10, 22, 16, 5).getTime();
const midnight_ms = new Date(2026, 10, 22).getTime();
const poured = aRow({ timestamp_ms: now_ms - 60_000, status: "success", outcome: "done" });
const today = { ...everything, time: "today" } as const;
const live = { ...initialLiveState, link: "live", lastLogId: 1 } as const;

let asked: number[];

beforeEach(() => {
  asked = [];
  server.use(
    http.get("*/api/logs", ({ request }) => {
      const since = Number(new URL(request.url).searchParams.get("since"));
      asked.push(since);
      return HttpResponse.json(poured.timestamp_ms >= since * 1000 ? [poured] : []);
    }),
  );
});

const showing = (time_ms: number | undefined) =>
  renderHook(({ now_ms }) => useLog(today, now_ms), {
    wrapper: ({ children }) => <WithLive live={live}>{children}</WithLive>,
    initialProps: { now_ms: time_ms as number | undefined },
  });

it("asks for today's pours once the server has said which day it is", async () => {
  const { result, rerender } = showing(undefined);
  expect(result.current.loaded).toBe(false);
  rerender({ now_ms });
  await waitFor(() => expect(result.current.log.entries).toHaveLength(1));
  expect(asked).toEqual([midnight_ms / 1000]);
});

it("asks anew when the clock is put back, as what is today now was never fetched", async () => {
  const { result, rerender } = showing(now_ms + 2 * day_ms);
  await waitFor(() => expect(result.current.loaded).toBe(true));
  expect(result.current.log.entries).toHaveLength(0);
  rerender({ now_ms });
  await waitFor(() => expect(result.current.log.entries).toHaveLength(1));
  expect(asked.at(-1)).toBe(midnight_ms / 1000);
});

it("only cuts off when the clock is put forward, and comes back from there", async () => {
  const { result, rerender } = showing(now_ms);
  await waitFor(() => expect(result.current.log.entries).toHaveLength(1));
  rerender({ now_ms: now_ms + 2 * day_ms });
  await waitFor(() => expect(result.current.log.entries).toHaveLength(0));
  rerender({ now_ms });
  await waitFor(() => expect(result.current.log.entries).toHaveLength(1));
});

it("asks for all there is where the server itself stands in 1970", async () => {
  const { result } = showing(0);
  await waitFor(() => expect(result.current.log.entries).toHaveLength(1));
  expect(asked).toEqual([0]);
});
