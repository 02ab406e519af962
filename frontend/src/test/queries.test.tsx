// @vitest-environment jsdom
import "@/test/browser";
import { act, renderHook, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { useTotals } from "@/features/host/hooks/use-totals";
import { useWhy } from "@/features/host/hooks/use-why";
import { useReceipt } from "@/features/log/hooks/use-receipt";
import { LiveContext } from "@/hooks/use-live";
import { initialLiveState } from "@/lib/live-state";
import { aMachine, aPour, aReceipt, aRow, aTap } from "@/test/samples";
import { server } from "@/test/server";
import { ToldLive } from "@/test/with-live";

/** Answers that a test lets go one by one. */
class Answers {
  readonly waiting: (() => void)[] = [];
  asked = 0;

  async next(): Promise<void> {
    this.asked += 1;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  async letGo(): Promise<void> {
    await waitFor(() => expect(this.waiting).not.toHaveLength(0));
    await act(async () => this.waiting.shift()?.());
  }
}

it("keeps a receipt that was read when the server no longer answers, and shows it at once again", async () => {
  let reachable = true;
  server.use(
    http.get("*/api/pours/r1", () =>
      reachable ? HttpResponse.json(aReceipt()) : HttpResponse.error(),
    ),
  );
  const first = renderHook(({ news }) => useReceipt("r1", news), { initialProps: { news: "1" } });
  await waitFor(() => expect(first.result.current.found?.kind).toBe("found"));
  reachable = false;
  first.rerender({ news: "2" });
  await act(async () => first.result.current.retry());
  expect(first.result.current.found?.kind).toBe("found");
  first.unmount();
  const again = renderHook(() => useReceipt("r1", "1"));
  expect(again.result.current.found?.kind).toBe("found");
});

it("says that a receipt did not come, and finds it at the next try", async () => {
  let reachable = false;
  server.use(
    http.get("*/api/pours/r1", () =>
      reachable ? HttpResponse.json(aReceipt()) : HttpResponse.error(),
    ),
  );
  const { result } = renderHook(() => useReceipt("r1", "1"));
  await waitFor(() => expect(result.current.found?.kind).toBe("lost"));
  reachable = true;
  await act(async () => result.current.retry());
  await waitFor(() => expect(result.current.found?.kind).toBe("found"));
});

it("waits for what a machine's interlocks are, however often the machine changes", async () => {
  const answers = new Answers();
  server.use(
    http.get("*/api/why", async () => {
      await answers.next();
      return HttpResponse.json({ tap: "main", ready: true, interlocks: [], machine: aMachine() });
    }),
  );
  const pouring = (delivered_ml: number) => aTap({ pour: aPour({ delivered_ml }) });
  const { result, rerender } = renderHook(({ tap }) => useWhy(tap), {
    initialProps: { tap: pouring(1) },
  });
  await waitFor(() => expect(answers.asked).toBe(1));
  for (const ml of [2, 3, 4]) rerender({ tap: pouring(ml) });
  expect(answers.asked).toBe(1);
  await answers.letGo();
  await waitFor(() => expect(result.current.why?.ready).toBe(true));
});

it("does not let an older total undo a newer, and keeps the tap's that stayed", async () => {
  const answers = new Answers();
  let settled = 0;
  server.use(
    http.get("*/api/totals", async ({ request }) => {
      const since = Number(new URL(request.url).searchParams.get("since"));
      const gin = settled;
      await answers.next();
      const taps = [
        { tap: "gin", pours: gin, delivered_ml: gin * 30 },
        { tap: "rum", pours: 7, delivered_ml: 210 },
      ];
      return HttpResponse.json({ since, taps });
    }),
  );
  const state = { ...initialLiveState, link: "live", known: true } as const;
  const live = new ToldLive(state);
  const { result } = renderHook(() => useTotals(1_790_000_000_000), {
    wrapper: ({ children }) => <LiveContext value={live}>{children}</LiveContext>,
  });
  await answers.letGo();
  await waitFor(() => expect(result.current?.[0]?.pours).toBe(0));
  const rum = result.current?.[1];
  const settle = async (id: number) => {
    settled = id;
    const log = [aRow({ id, status: "success", outcome: "done" })];
    await act(async () => live.tell({ ...state, log }));
  };
  await settle(1);
  await waitFor(() => expect(answers.waiting).toHaveLength(1));
  await settle(2);
  await waitFor(() => expect(answers.waiting).toHaveLength(2));
  // The newer one comes first.
  answers.waiting.reverse();
  await answers.letGo();
  await waitFor(() => expect(result.current?.[0]?.pours).toBe(2));
  await answers.letGo();
  expect(result.current?.[0]?.pours).toBe(2);
  expect(result.current?.[1]).toBe(rum);
});
