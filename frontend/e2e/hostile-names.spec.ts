import { expect, test } from "./host-party";

/** What a guest may call himself, and what a page that is not careful would do with it. */
const names = [
  "<script>window.broken = 1</script>",
  "<img src=x onerror='window.broken = 1'>",
  '"><svg onload="window.broken = 1">',
  "javascript:window.broken=1",
];

test("a name is a text wherever it is shown, and never runs", async ({ host }) => {
  const { page } = host;
  for (const name of names) await host.pour("main", name, 2);
  for (const view of ["/host", "/host/log", "/wall", "/"]) {
    await page.goto(host.server.url + view);
    await expect(page.getByText(names[3] as string).first()).toBeVisible();
    expect(await page.evaluate(() => "broken" in window)).toBe(false);
    expect(await page.locator("img[src=x], svg[onload], #root script").count()).toBe(0);
  }
});

test("a long name leaves the wall's taps their room", async ({ host }) => {
  const { page } = host;
  await host.pour("main", "W".repeat(128), 2);
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.goto(`${host.server.url}/wall`);
  await expect(page.getByText(/^W+$/).first()).toBeVisible();
  const taps = await page.locator(".wall-taps").boundingBox();
  expect(taps?.width).toBeGreaterThan(1280 * 0.6);
});
