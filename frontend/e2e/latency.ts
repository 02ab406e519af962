/**
 * How soon an open page shows what happens at the machine: real processes, a real browser, one
 * clock. Writes JSON into the file that LATENCY_FILE names: per event and page the delays in ms,
 * and beside them what a bare request of a page to the server takes at that time. Judges nothing.
 */
import { writeFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, Guest, type Server, test } from "./party";

const ROUNDS = Number(process.env.LATENCY_ROUNDS ?? 12);
const views = [
  ["guest", "/"],
  ["host", "/host"],
  ["wall", "/wall"],
] as const;

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

/** A pour that somebody else has asked for; returns when the server has taken it. */
async function order(server: Server, request_id: string): Promise<void> {
  const answer = await fetch(`${server.url}/api/dispense`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ amount_ml: 60, user_token: "Grace", request_id }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Hears the live stream without a browser: what is left when no page has to be drawn. */
async function listener(server: Server): Promise<(said: RegExp) => Promise<number>> {
  const { body } = await fetch(`${server.url}/api/events`);
  if (!body) throw new Error("the stream has no body");
  const waiting: { said: RegExp; heard: (at_ms: number) => void }[] = [];
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const read = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const at_ms = Date.now();
      for (const each of waiting.filter(({ said }) => said.test(value))) {
        waiting.splice(waiting.indexOf(each), 1);
        each.heard(at_ms);
      }
    }
  };
  // It ends with the server.
  void read().catch(() => undefined);
  return (said) => new Promise((heard) => waiting.push({ said, heard }));
}

const found: Record<string, number[]> = {};

function note(event: string, ms: number): void {
  found[event] ??= [];
  found[event].push(ms);
}

// One page at a time: a phone has a processor of its own, and this machine draws in software.
for (const [view, path] of views) {
  test(view, async ({ browser, server, dispenser }) => {
    const page = await browser.newPage();
    await page.goto(server.url + path);
    await page.locator("[data-glass=standing]").waitFor();
    const guest = new Guest(page);
    if (path === "/") {
      await guest.introduce("Ada");
      await guest.choose(60);
    }
    const told = await listener(server);
    for (let round = 0; round < ROUNDS; ++round) {
      await page.locator("[data-glass=standing]").waitFor();
      if (path === "/") await expect(guest.pour).toBeEnabled();
      note("round trip", await roundTrip(page));

      await watch(page, "filling");
      const heardStart = told(/"state":"pouring"/);
      const pressed_ms = Date.now();
      if (path === "/") await guest.pour.click();
      else await order(server, `${view}-${round}`);
      const filling_ms = await shownAt(page);
      const { episodes } = await dispenser.truth();
      const began_ms = episodes.at(-1)?.began_ms ?? Number.NaN;
      if (path === "/") note("pressed to started", began_ms - pressed_ms);
      note("started to told, any client", (await heardStart) - began_ms);
      note(`started to shown, ${view}`, filling_ms - began_ms);

      await watch(page, "missing");
      const heardLift = told(/"glass_present":false/);
      const lifted_ms = Date.now();
      await dispenser.liftGlass();
      note(`lifted to shown, ${view}`, (await shownAt(page)) - lifted_ms);
      note("lifted to told, any client", (await heardLift) - lifted_ms);

      await dispenser.placeGlass();
      await expect.poll(async () => (await dispenser.truth()).pump_on).toBe(false);
    }
    await page.context().close();
  });
}

test.afterAll(() => {
  writeFileSync(process.env.LATENCY_FILE ?? "latency.json", JSON.stringify(found));
});
