/**
 * What the page has given up may still arrive: the phone's kernel goes on sending it. Told twice:
 * with a proxy that holds what was sent, and, where this process has a network of its own, with a
 * real phone's kernel behind a real router (network.ts).
 */
import { chromium as engine } from "@playwright/test";
import { chromium } from "../playwright.config";
import { HoldingWay, type Way } from "./holding-way";
import { Host } from "./host-party";
import { inOwnNetwork, Network } from "./network";
import { expect, Guest, test as party, Server } from "./party";

const withProxy = party.extend<{ way: Way }>({
  way: async ({ server }, use) => {
    const way = await HoldingWay.start(server.url);
    await use(way);
    way.end();
  },
});

const withNetwork = party.extend<{ network: Network; way: Way }>({
  network: async ({ browserName: _ }, use) => {
    const network = new Network(chromium.executablePath);
    try {
      await use(network);
    } finally {
      network.remove();
    }
  },

  server: async ({ dispensers, network }, use) => {
    const server = await Server.beside(dispensers, [], network.serverHost);
    try {
      await use(server);
    } finally {
      await server.remove();
    }
  },

  page: async ({ network }, use) => {
    const browser = await engine.launch({ ...chromium, executablePath: network.browser });
    try {
      await use(await browser.newPage({ viewport: { width: 360, height: 640 }, locale: "en-GB" }));
    } finally {
      await browser.close();
    }
  },

  way: async ({ network, server }, use) => {
    const { swallow, pass } = network;
    // The kernel brings it by itself.
    await use({ url: server.url, swallow, pass, deliverLate: () => {}, end: () => {} });
  },
});

const test = inOwnNetwork ? withNetwork : (withProxy as unknown as typeof withNetwork);
// There is but one network.
test.describe.configure({ mode: inOwnNetwork ? "default" : "parallel" });

/** The kernel waits twice as long with every packet that is lost. */
const LATEST = { timeout: 120_000 };

interface Row {
  code: string;
  request_id: string;
}

test("an order that the page has given up never pours, however late it arrives", async ({
  page,
  way,
  server,
  dispenser,
}) => {
  const guest = new Guest(page);
  await guest.open(way);
  await guest.introduce("Ada");
  await guest.choose(20);
  way.swallow();
  await guest.pour.click();
  // The server has not answered: nobody can say yet that nothing was poured.
  await expect(page.getByRole("region", { name: "Still finding out" })).toBeVisible();
  await expect(guest.pour).toBeHidden();
  // It is longer under way than the page would ever repeat it.
  await page.waitForRequest("**/api/pours/*", LATEST);
  await expect(guest.receipt).toBeHidden();
  way.pass();
  await expect(guest.receipt).toContainText("Nothing was poured", LATEST);

  way.deliverLate();
  const refused = async () => {
    const rows = (await (await fetch(`${server.url}/api/logs`)).json()) as Row[];
    return rows.filter(({ code }) => code === "given_up" || code === "too_late");
  };
  await expect.poll(refused, LATEST).toHaveLength(1);
  const [late] = await refused();
  expect((await dispenser.truth()).episodes).toEqual([]);

  await guest.pour.click();
  await expect(guest.receipt).toContainText("ml poured");
  const { episodes } = await dispenser.truth();
  expect(episodes).toHaveLength(1);
  expect(episodes[0]?.request_id).not.toBe(late?.request_id);
});

test("a late RESUME does not undo a newer STOP ALL", async ({ page, way, server }) => {
  const host = new Host(page, server);
  await host.openAt(way.url);
  await host.stopAll.click();
  await expect(host.tap("main").getByText("Stopped", { exact: true })).toBeVisible();
  await host.button("Resume all").click();
  way.swallow();
  await host.button("Yes, resume").click();
  await expect(host.sheet).toContainText("The server did not answer.");

  expect(await host.ask("/api/stop", {})).toMatchObject({ success: true });
  way.pass();
  way.deliverLate();
  const refusals = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return /route="\/api\/resume",status="409"} [1-9]/.test(text);
  };
  await expect.poll(refusals, LATEST).toBe(true);
  const { taps } = (await (await fetch(`${server.url}/api/status`)).json()) as {
    taps: { stopped: boolean }[];
  };
  expect(taps.map(({ stopped }) => stopped)).toEqual([true]);
});
