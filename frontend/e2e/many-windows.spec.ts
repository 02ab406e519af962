/** Many windows of one browser, which opens six connections to a server and no more. */
import { expect, Host, test } from "./host-party";
import { SlowReads } from "./slow-reads";

const WINDOWS = 8;

test.use({ taps: { gin: [], rum: [] } });

async function openMany(host: Host, url = host.server.url): Promise<Host[]> {
  const windows = [host];
  while (windows.length < WINDOWS) {
    windows.push(new Host(await host.page.context().newPage(), host.server));
  }
  for (const { page } of windows) await page.goto(`${url}/host`);
  for (const { page } of windows)
    await expect(page.getByText("Live", { exact: true })).toBeVisible();
  return windows;
}

const isStopped = (one: Host) => one.tap("gin").getByText("Stopped", { exact: true });

test("STOP ALL leaves the last of many windows, and all of them see it", async ({
  host,
  dispensers,
}) => {
  const windows = await openMany(host);
  const live = () => host.server.metric("pourtocol_live_clients");
  await expect.poll(live).toBe(1);
  const last = windows.at(-1) ?? host;
  await host.order("gin", "Ada", 60);
  await last.seeItFill("gin");
  await last.stopAll.click();
  await expect.poll(async () => (await dispensers[0]?.truth())?.pump_on).toBe(false);
  for (const one of windows) await expect(isStopped(one)).toBeVisible();
  // A busy machine may make one of them miss the other for a moment; they agree again.
  await expect.poll(live).toBe(1);
});

test("when the window that holds the stream is closed, another goes on with it", async ({
  host,
  server,
}) => {
  const windows = await openMany(host);
  const [leader, ...others] = windows;
  const [next] = others;
  if (!leader || !next) throw new Error("there are many windows");
  await leader.page.close();
  await next.ask("/api/stop", { tap: "gin" });
  for (const one of others) await expect(isStopped(one)).toBeVisible();
  await expect.poll(() => server.metric("pourtocol_live_clients")).toBe(1);
  // And all of them are lost, and back, with the server.
  await server.kill();
  for (const one of others) await expect(one.page.getByText("Reconnecting…")).toBeVisible();
  await server.start();
  for (const one of others) {
    await expect(one.page.getByText("Live", { exact: true })).toBeVisible();
  }
  await expect.poll(() => server.metric("pourtocol_live_clients")).toBe(1);
});

test("STOP ALL does not wait for what the windows read, even if that is never answered", async ({
  host,
  server,
}) => {
  const slow = await SlowReads.start(server.url);
  const context = host.page.context();
  try {
    await context.clock.install();
    const windows = await openMany(host, slow.url);
    // No patience of the page's own ends anything from here on: its clock stands still.
    await context.clock.pauseAt(new Date(Date.now() + 3_000));
    slow.held = /^\/api\/(logs|totals)/;
    for (const { page } of windows) {
      await page.evaluate(() => window.dispatchEvent(new Event("online")));
    }
    // All that a browser has: one is the stream's.
    await expect.poll(() => server.metric("pourtocol_live_clients")).toBe(1);
    await expect.poll(() => slow.waiting).toBe(5);
    await host.stopAll.click();
    const taps = async () => (await (await fetch(`${server.url}/api/status`)).json()).taps;
    await expect.poll(taps).toMatchObject([{ stopped: true }, { stopped: true }]);
  } finally {
    slow.end();
  }
});
