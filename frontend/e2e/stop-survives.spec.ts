/** STOP ALL is there, and works, whatever becomes of the rest of the page. */
import { expect, test } from "./host-party";
import type { Dispenser } from "./party";

test.use({ taps: { gin: [], rum: [] } });

const pumpsOn = async (dispensers: Dispenser[]) =>
  Promise.all(dispensers.map(async (dispenser) => (await dispenser.truth()).pump_on));

for (const [what, pattern] of [
  ["no script at all", "**/assets/*.js"],
  ["no script but the first", "**/assets/app-*.js"],
] as const) {
  test(`a page to which ${what} comes stops every pump by a form`, async ({ host, dispensers }) => {
    const { page } = host;
    await page.route(pattern, (route) => route.abort("connectionreset"));
    await page.goto(`${host.server.url}/host`);
    await host.order("gin", "Ada", 60);
    await expect.poll(() => pumpsOn(dispensers)).toEqual([true, false]);
    await host.stopAll.click();
    await expect(page.getByRole("heading", { name: "Every tap is stopped." })).toBeVisible();
    await expect(page.getByText("gin: The pump is off.")).toBeVisible();
    expect(await pumpsOn(dispensers)).toEqual([false, false]);
    await page.unroute(pattern);
    await page.getByRole("link", { name: "Back to the page" }).click();
    await expect(host.button("Resume gin")).toBeVisible();
  });
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("STOP ALL is on every page at once, and works", async ({ host, dispensers }) => {
    await host.order("gin", "Ada", 60);
    await expect.poll(() => pumpsOn(dispensers)).toEqual([true, false]);
    await host.page.goto(host.server.url);
    await host.stopAll.click();
    await expect(host.page.getByText("gin: The pump is off.")).toBeVisible();
    expect(await pumpsOn(dispensers)).toEqual([false, false]);
    await host.button(/stop again/i).click();
    await expect(host.page.getByText(/^gin: /)).toBeVisible();
  });
});

test("a view whose script does not come leaves STOP alone, and comes by itself later", async ({
  host,
  dispensers,
}) => {
  const { page } = host;
  await host.order("gin", "Ada", 60);
  let asked = 0;
  await page.route(/\/assets\/overview-[^/]*\.js/, (route) => {
    asked += 1;
    return route.abort("connectionreset");
  });
  await page.goto(`${host.server.url}/host`);
  await expect(page.getByRole("main").getByRole("alert")).toContainText(
    "This part of the page did not load.",
  );
  await host.stopAll.click();
  await expect.poll(() => pumpsOn(dispensers)).toEqual([false, false]);
  expect(asked).toBeGreaterThan(0);
  await page.unroute(/\/assets\/overview-[^/]*\.js/);
  await expect(host.tap("gin").getByText("Stopped", { exact: true })).toBeVisible();
});

test("settings that do not load take nothing else with them", async ({ host }) => {
  const { page } = host;
  await host.open();
  await page.route("**/assets/settings-sheet-*.js", (route) => route.abort("connectionreset"));
  await host.button("Settings").click();
  await expect(page.getByRole("banner").getByRole("alert")).toBeVisible();
  await expect(host.tap("gin")).toBeVisible();
  await expect(host.stopAll).toBeVisible();
  await page.unroute("**/assets/settings-sheet-*.js");
  await expect(page.getByRole("dialog")).toBeVisible();
});
