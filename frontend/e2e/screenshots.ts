/**
 * Pictures of the page against the real server: into build/screenshots, or, for the two that the
 * README shows, into the folder README_IMAGES names.
 */
import { join, resolve } from "node:path";
import { expect, test } from "./party";

const sizes = [
  [360, 640],
  [390, 844],
  [820, 1180],
  [1440, 900],
] as const;

const folder = resolve(import.meta.dirname, "../../build/screenshots");
const readmeFolder = process.env.README_IMAGES;

test.use({ taps: { gin: [], rum: ["--protocol", "1"], vodka: ["--no-glass"] } });

for (const colorScheme of ["dark", "light"] as const) {
  for (const [width, height] of sizes) {
    test(`${width}x${height} ${colorScheme}`, async ({ guest, page, server, dispenser }) => {
      const shoot = async (name: string) => {
        const path = join(folder, `${width}x${height}-${colorScheme}-${name}.png`);
        await page.screenshot({ path });
      };
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await shoot("1-first");
      await guest.introduce("Ada");
      await shoot("2-ready");
      await guest.pour.click();
      await page.waitForFunction(() => {
        const glass = document.querySelector("[role=progressbar]");
        return Number(glass?.getAttribute("aria-valuenow") ?? 0) > 15;
      });
      await shoot("3-pouring");
      await expect(guest.receipt).toContainText("ml poured");
      await expect(guest.pour).toBeEnabled();
      await shoot("4-receipt");
      await guest.choose(60);
      await guest.pourAndSeeItFill(60);
      await dispenser.liftGlass();
      await expect(guest.receipt).toContainText("of 60 ml poured");
      await expect(guest.button("Place a glass")).toBeVisible();
      await shoot("5-partial");
      await dispenser.placeGlass();
      await page.getByRole("radio", { name: /rum/ }).click();
      await guest.pour.click();
      await expect(page.getByText("This machine does not say how far it is.")).toBeVisible();
      await shoot("6-unmeasured");
      await expect(guest.receipt).toContainText("ml poured");
      await expect(guest.pour).toBeEnabled();
      await page.getByRole("radio", { name: /vodka/ }).click();
      await guest.choose(61);
      await shoot("7-custom");
      await server.kill();
      await expect(guest.button("Reconnecting…")).toBeVisible();
      await shoot("8-lost");
    });
  }
}

test("the two of the README", async ({ guest, page }) => {
  test.skip(readmeFolder === undefined, "README_IMAGES names no folder");
  const shoot = (name: string) =>
    page.screenshot({ path: join(readmeFolder as string, `${name}.png`) });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 360, height: 640 });
  const guests = [
    ["Mika", 45, undefined],
    ["Noor", 15, undefined],
    ["Jonas", 30, undefined],
    ["Ada", 30, "phone"],
    ["Grace", 45, "desktop"],
  ] as const;
  for (const [name, ml, picture] of guests) {
    if (name !== "Mika") await guest.button("Change").click();
    await guest.introduce(name);
    await page.getByRole("radio", { name: `${ml} ml` }).click();
    if (picture === "desktop") await page.setViewportSize({ width: 1180, height: 760 });
    await guest.pour.click();
    await page.waitForFunction((most) => {
      const glass = document.querySelector("[role=progressbar]");
      return Number(glass?.getAttribute("aria-valuenow") ?? 0) > most * 0.6;
    }, ml);
    if (picture) await shoot(picture);
    await expect(guest.receipt).toContainText("ml poured");
    await expect(guest.pour).toBeEnabled();
  }
});
