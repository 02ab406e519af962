/** A phone whose clock is wrong: what counts is the server's. */
import { expect, test } from "./host-party";

/** A zone in which it is about noon: "today" shall not end in the middle of a test. */
const fromUtc_h = 12 - new Date().getUTCHours();
const timeZone = `Etc/GMT${fromUtc_h > 0 ? "-" : "+"}${Math.abs(fromUtc_h)}`;

const clockOf = (at_ms: number) =>
  new Intl.DateTimeFormat("en-GB", { hour: "numeric", minute: "2-digit", timeZone }).format(at_ms);

test.use({ taps: { gin: [], rum: [] }, timezoneId: timeZone });

const day_ms = 86_400_000;

const phones: [where: string, time: () => number][] = [
  ["two days ahead", () => Date.now() + 2 * day_ms],
  ["two days behind", () => Date.now() - 2 * day_ms],
  ["in 1970", () => 5000],
  ["in 2038", () => 2_147_483_647_000],
];

for (const [where, time] of phones) {
  test(`a phone ${where} shows what was poured today`, async ({ host, page }) => {
    await host.pour("gin", "Ada", 5);
    await page.clock.install({ time: time() });
    await host.open("/host");
    await expect(page.locator("[data-part=today]")).toContainText(/[45].ml · 1 pour/);

    for (const span of ["today", "hour", "yesterday"]) {
      await host.open(`/host/log?time=${span}`);
      await expect(page.locator("[data-part=count]")).toHaveText("1 pour");
      await expect(host.pours).toContainText("Ada");
    }
    // The same moment in the words of this phone, and, for programs, in those of the log.
    const rows = await (await fetch(`${host.server.url}/api/logs`)).json();
    const { timestamp, timestamp_ms } = rows.at(-1);
    const shown = host.pours.getByRole("time");
    expect(await shown.getAttribute("datetime")).toContain(timestamp.replace(" ", "T"));
    expect(await shown.getAttribute("datetime")).toMatch(/Z$/);
    await expect(shown).toHaveText(clockOf(timestamp_ms));
  });

  test(`a phone ${where} pours, and is stopped`, async ({ host, page, dispensers }) => {
    await page.clock.install({ time: time() });
    await host.open("/tap/gin");
    await page.getByRole("textbox", { name: "Who is pouring?" }).fill("Ada");
    await page.keyboard.press("Enter");
    await dispensers[0]?.placeGlass();
    await host.button(/^pour \d+ ml$/i).click();
    await host.button(/^stop$/i).click();
    await expect(page.getByRole("region", { name: "Receipt" })).toBeVisible();
    expect((await dispensers[0]?.truth())?.pump_on).toBe(false);
  });
}

test("the wall tells the server's time", async ({ host, page }) => {
  await page.clock.install({ time: 5000 });
  const before = clockOf(Date.now());
  await page.goto(`${host.server.url}/wall`);
  const shown = page.getByRole("banner").getByText(/^\d+:\d\d/);
  await expect(shown).toBeVisible();
  expect([before, clockOf(Date.now())]).toContain(await shown.textContent());
});
