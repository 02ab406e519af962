/**
 * How soon an open page shows what happens at the machine: real processes, a real browser, one
 * clock. Writes JSON into the file that LATENCY_FILE names: per event and page the delays in ms,
 * and beside them what a bare request of a page to the server takes at that time. Judges nothing.
 */
import { writeFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, Guest, test } from "./party";

const ROUNDS = Number(process.env.LATENCY_ROUNDS ?? 12);
/** How each view shows the glass under the tap: the first of them is the guest who presses. */
const views = ["guest", "other guest", "wall", "host"] as const;

type Look = "filling" | "missing" | "standing";
type Watched = Window & { shownAt: Promise<number> };

/**
 * Resolves in the page once the glass has that look and the frame that shows it was handed over.
 */
async function watch(page: Page, look: Look): Promise<void> {
  await page.evaluate((wanted) => {
    const there = () => document.querySelector(`[data-glass=${wanted}]`) !== null;
    (window as unknown as Watched).shownAt = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (!there()) return;
        observer.disconnect();
        // A message posted in a frame's callback is delivered after that frame has been painted.
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => resolve(Date.now());
          channel.port2.postMessage(null);
        });
      });
      observer.observe(document, { attributes: true, childList: true, subtree: true });
    });
  }, look);
}

const shownAt = (page: Page) => page.evaluate(() => (window as unknown as Watched).shownAt);

/** What a request of the page costs, in ms: the least that anything can be told in. */
async function roundTrip(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const began = performance.now();
    await (await fetch("/api/status")).text();
    return performance.now() - began;
  });
}

test("latency", async ({ guest, server, dispenser, browser }) => {
  await guest.introduce("Ada");
  const pages: Page[] = [guest.page];
  const other = new Guest(await browser.newPage());
  await other.open(server);
  pages.push(other.page);
  for (const path of ["/wall", "/host"]) {
    const page = await browser.newPage();
    await page.goto(server.url + path);
    await page.locator("[data-glass=standing]").waitFor();
    pages.push(page);
  }
  const everywhere = <Result>(what: (page: Page) => Promise<Result>) =>
    Promise.all(pages.map(what));

  const found: Record<string, number[]> = { "round trip": [], "press to start": [] };
  const note = (event: string, began_ms: number, shown: number[]) => {
    for (const [index, view] of views.entries()) {
      const at = shown[index];
      const name = `${event}, ${view}`;
      found[name] ??= [];
      if (at !== undefined) found[name].push(at - began_ms);
    }
  };

  await guest.choose(60);
  for (let round = 0; round < ROUNDS; ++round) {
    await expect(guest.pour).toBeEnabled();
    found["round trip"]?.push(await roundTrip(guest.page));

    await everywhere((page) => watch(page, "filling"));
    const pressed_ms = Date.now();
    await guest.pour.click();
    const filling = await everywhere(shownAt);
    const { episodes } = await dispenser.truth();
    const began_ms = episodes.at(-1)?.began_ms ?? Number.NaN;
    found["press to start"]?.push(began_ms - pressed_ms);
    note("started to shown", began_ms, filling);

    await everywhere((page) => watch(page, "missing"));
    const lifted_ms = Date.now();
    await dispenser.liftGlass();
    note("lifted to shown", lifted_ms, await everywhere(shownAt));

    await dispenser.placeGlass();
    await expect(guest.receipt).toBeVisible();
  }
  writeFileSync(process.env.LATENCY_FILE ?? "latency.json", JSON.stringify(found));
  await Promise.all(pages.slice(1).map((page) => page.context().close()));
});
