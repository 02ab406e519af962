// @vitest-environment jsdom
import "@/test/browser";
import { waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { LogStore } from "@/features/log/lib/log-store";
import { aRow } from "@/test/samples";
import { server } from "@/test/server";
import type { LogRow } from "@/types/wire";

/** A server whose log can grow, be counted, and fail. */
class Log {
  rows: LogRow[] = [];
  failing = false;
  readonly asked: string[] = [];

  constructor(count: number) {
    for (let i = 0; i < count; i += 1) this.write();
    server.use(
      http.get("*/api/logs", ({ request }) => {
        const { search, searchParams } = new URL(request.url);
        this.asked.push(search);
        if (this.failing) return HttpResponse.error();
        const bound = (name: string, open: number) => Number(searchParams.get(name) ?? open);
        const rows = this.rows
          .filter(({ id }) => id > bound("after_id", 0) && id < bound("before_id", Infinity))
          .reverse()
          .slice(0, bound("limit", 50));
        return HttpResponse.json(rows);
      }),
    );
  }

  write(): LogRow {
    const id = this.rows.length + 1;
    const row = aRow({ id, request_id: `r${id}`, outcome: "refused", status: "failed" });
    this.rows.push(row);
    return row;
  }

  /** What the live stream says, with as many of the newest rows as it has told. */
  heard(told: number, link: "live" | "lost" = "live") {
    const freshRows = told === 0 ? [] : this.rows.slice(-told).reverse();
    return { link, lastLogId: this.rows.length, freshRows, taps: [] };
  }
}

const ids = (store: LogStore) => store.getState().log.entries.map(({ row }) => row.id);
const down = (from: number, to = 1) => Array.from({ length: from - to + 1 }, (_, i) => from - i);

it("reads page after page to the end, each row once", async () => {
  const log = new Log(1234);
  const store = new LogStore({});
  store.start();
  await waitFor(() => expect(store.getState().loaded).toBe(true));
  expect(ids(store)).toHaveLength(100);
  while (!store.getState().log.ended) {
    const before = ids(store).length;
    store.loadMore();
    store.loadMore();
    await waitFor(() => expect(ids(store).length).toBeGreaterThan(before));
  }
  expect(ids(store)).toEqual(down(1234));
  expect(log.asked).toHaveLength(4);
});

it("takes new rows from the stream without asking", async () => {
  const log = new Log(3);
  const store = new LogStore({});
  store.hear(log.heard(0));
  store.start();
  await waitFor(() => expect(store.getState().loaded).toBe(true));
  log.write();
  store.hear(log.heard(1));
  log.write();
  store.hear(log.heard(2));
  expect(ids(store)).toEqual(down(5));
  expect(log.asked).toHaveLength(1);
});

it("fetches what a broken stream has missed, however much, and doubles nothing", async () => {
  const log = new Log(3);
  const store = new LogStore({});
  store.hear(log.heard(0));
  store.start();
  await waitFor(() => expect(store.getState().loaded).toBe(true));
  store.hear(log.heard(0, "lost"));
  for (let i = 0; i < 2500; i += 1) log.write();
  store.hear(log.heard(0));
  // One more comes over the stream while the others are fetched.
  log.write();
  store.hear(log.heard(1));
  await waitFor(() => expect(ids(store)).toHaveLength(2504));
  expect(ids(store)).toEqual(down(2504));
});

it("says that a page did not come, and reads on when asked again or back in touch", async () => {
  const log = new Log(3);
  log.failing = true;
  const store = new LogStore({});
  store.start();
  await waitFor(() => expect(store.getState().problem).toEqual({ code: null, reason: "" }));
  expect(store.getState().loaded).toBe(false);
  log.failing = false;
  store.hear(log.heard(0));
  await waitFor(() => expect(ids(store)).toEqual(down(3)));
  expect(store.getState().problem).toBeUndefined();
});

it("passes on why the server refuses", async () => {
  const refusal = { success: false, code: "overloaded", reason: "Too many." };
  server.use(http.get("*/api/logs", () => HttpResponse.json(refusal, { status: 503 })));
  const store = new LogStore({});
  store.start();
  await waitFor(() => expect(store.getState().problem).toMatchObject({ code: "overloaded" }));
});

it("reads everything anew when the server has another, shorter log", async () => {
  const log = new Log(9);
  const store = new LogStore({});
  store.hear(log.heard(0));
  store.start();
  await waitFor(() => expect(ids(store)).toHaveLength(9));
  log.rows = log.rows.slice(0, 2);
  store.hear(log.heard(0, "lost"));
  store.hear(log.heard(0));
  await waitFor(() => expect(ids(store)).toEqual([2, 1]));
});

it("looks up how a pour ended whose end lies outside of the span", async () => {
  const row = aRow({ id: 1, request_id: "r1", timestamp_ms: 1000 });
  server.use(
    http.get("*/api/logs", () => HttpResponse.json([row])),
    http.get("*/api/pours/r1", async () => {
      const { aReceipt } = await import("@/test/samples");
      return HttpResponse.json(aReceipt());
    }),
  );
  const store = new LogStore({ until: 5 });
  store.start();
  await waitFor(() =>
    expect(store.getState().log.entries[0]?.row).toMatchObject({
      status: "success",
      outcome: "done",
      delivered_ml: 29.8,
    }),
  );
});
