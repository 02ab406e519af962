/**
 * Pictures of every view against the real server: into build/screenshots, or, for the two that the
 * README shows, into the folder README_IMAGES names.
 */
import { join, resolve } from "node:path";
import type { Page } from "@playwright/test";
import { expect, type Guest, test } from "./party";

const sizes = [
  [360, 640],
  [390, 844],
  [820, 1180],
  [1440, 900],
] as const;

const folder = resolve(import.meta.dirname, "../../build/screenshots");
const readmeFolder = process.env.README_IMAGES;

const drinks = { left: "Negroni", middle: "Whisky Sour", right: "Mojito" };

test.use({
  taps: { left: [], middle: ["--protocol", "1"], right: ["--no-glass"] },
  serving: [
    ...Object.entries(drinks).flatMap(([tap, drink]) => ["--drink", `${tap}=${drink}`]),
    "--public-url",
    "http://192.168.4.2:5000",
  ],
});

type Shoot = (name: string) => Promise<unknown>;

const tapOf = (guest: Guest, tap: keyof typeof drinks) =>
  guest.page.getByRole("radio", { name: new RegExp(drinks[tap]) });

async function filledAbove(page: Page, ml: number): Promise<void> {
  await page.waitForFunction((least) => {
    const glass = document.querySelector("[role=progressbar]");
    return Number(glass?.getAttribute("aria-valuenow") ?? 0) > least;
  }, ml);
}

for (const colorScheme of ["dark", "light"] as const) {
  for (const [width, height] of sizes) {
    test.describe(`${width}x${height} ${colorScheme}`, () => {
      test.use({ colorScheme, viewport: { width, height } });
      const into =
        (page: Page): Shoot =>
        (name) =>
          page.screenshot({ path: join(folder, `${name}-${width}x${height}-${colorScheme}.png`) });

      test("the guest's screen", async ({ guest, page, server, dispenser }) => {
        const shoot = into(page);
        await shoot("guest-1-first");
        await guest.introduce("Ada");
        await shoot("guest-2-ready");
        await guest.pour.click();
        await filledAbove(page, 15);
        await shoot("guest-3-pouring");
        await expect(guest.receipt).toContainText("ml poured");
        await expect(guest.pour).toBeEnabled();
        await shoot("guest-4-receipt");
        await guest.choose(60);
        await guest.pourAndSeeItFill(60);
        await dispenser.liftGlass();
        await expect(guest.receipt).toContainText("of 60 ml poured");
        await expect(guest.button("Place a glass")).toBeVisible();
        await shoot("guest-5-partial");
        await dispenser.placeGlass();
        await dispenser.layTag("04A2247C9F6180");
        await expect(page.getByText("04A2247C9F6180")).toBeVisible();
        await shoot("guest-6-tag");
        await dispenser.layTag(null);
        await tapOf(guest, "middle").click();
        await guest.pour.click();
        await expect(page.getByText("This machine does not say how far it is.")).toBeVisible();
        await shoot("guest-7-unmeasured");
        await expect(guest.receipt).toContainText("ml poured");
        await expect(guest.pour).toBeEnabled();
        await tapOf(guest, "right").click();
        await guest.choose(61);
        await shoot("guest-8-custom");
        await guest.button("Settings").click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await shoot("guest-9-settings");
        await page.keyboard.press("Escape");
        await server.kill();
        await expect(guest.button("Reconnecting…")).toBeVisible();
        await shoot("guest-10-lost");
      });

      test("the host's pages and the wall", async ({ guest, server, browser }) => {
        const open = async (path: string) => {
          const page = await browser.newPage({ colorScheme, viewport: { width, height } });
          await page.goto(server.url + path);
          return page;
        };
        for (const name of ["Mika", "Noor"]) {
          if (name !== "Mika") await guest.button("Change").click();
          await guest.introduce(name);
          await guest.pour.click();
          await expect(guest.receipt).toContainText("ml poured");
          await expect(guest.pour).toBeEnabled();
        }
        const [host, log, wall] = await Promise.all(["/host", "/host/log", "/wall"].map(open));
        if (!host || !log || !wall) throw new Error("a page did not open");
        const pages = [host, wall];
        await Promise.all(pages.map((page) => page.locator("[data-glass]").first().waitFor()));
        await guest.choose(60);
        await guest.pour.click();
        await Promise.all(pages.map((page) => filledAbove(page, 20)));
        await into(host)("host-1-pouring");
        await into(wall)("wall-1-pouring");
        await expect(guest.receipt).toContainText("ml poured");
        await into(log)("log-1-all");
        await log
          .getByRole("button", { name: /^Receipt: .*Ada|^Receipt/ })
          .first()
          .click();
        await expect(log.getByRole("dialog")).toBeVisible();
        await into(log)("log-2-receipt");
        await host.getByRole("button", { name: /why/i }).first().click();
        await expect(host.getByRole("dialog")).toBeVisible();
        await into(host)("host-2-why");
        await host.keyboard.press("Escape");
        await host.getByRole("button", { name: /stop all/i }).click();
        await expect(host.getByRole("button", { name: /resume/i }).first()).toBeVisible();
        await into(host)("host-3-stopped");
        await into(wall)("wall-2-stopped");
        await Promise.all([host, log, wall].map((page) => page.context().close()));
      });
    });
  }
}

/** Where the words are longest: what must fit is looked at in every language. */
for (const [locale, stopAll] of [
  ["de-DE", "Alles stopp"],
  ["pl-PL", "Stop wszystko"],
] as const) {
  for (const [width, height] of [sizes[0], sizes[3]]) {
    test.describe(`${locale} ${width}x${height}`, () => {
      test.use({ locale, colorScheme: "dark", viewport: { width, height } });

      test("in another language", async ({ page, server, dispenser }) => {
        const shoot: Shoot = (name) =>
          page.screenshot({ path: join(folder, `${name}-${locale}-${width}x${height}.png`) });
        const press = page.getByRole("button");
        await page.goto(server.url);
        await expect(page.getByRole("radio", { name: /Negroni/ })).toBeVisible();
        await shoot("language-1-first");
        await page.getByRole("textbox").first().fill("Ada");
        await page.keyboard.press("Enter");
        await press.filter({ hasText: /30 ml/ }).click();
        await filledAbove(page, 15);
        await shoot("language-2-pouring");
        await dispenser.liftGlass();
        await expect(page.locator("section section")).toBeVisible();
        await shoot("language-3-partial");
        await page.getByRole("banner").getByRole("button").click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await shoot("language-4-settings");
        await page.goto(`${server.url}/host`);
        await expect(page.getByRole("article")).toHaveCount(3);
        await shoot("language-5-host");
        await page.getByRole("article").first().getByRole("button").first().click();
        await expect(page.locator("[data-interlock]").first()).toBeVisible();
        await shoot("language-6-why");
        await page.keyboard.press("Escape");
        await press.filter({ hasText: stopAll }).click();
        await expect(page.locator("[data-state=stopped]")).toHaveCount(3);
        await shoot("language-7-stopped");
        await page.goto(`${server.url}/host/log`);
        await page.locator("[data-open]").first().click();
        await expect(page.getByRole("dialog").getByRole("listitem").first()).toBeVisible();
        await shoot("language-8-receipt");
        await page.keyboard.press("Escape");
        await shoot("language-9-log");
        await page.goto(`${server.url}/wall`);
        await expect(page.getByRole("article")).toHaveCount(3);
        await shoot("language-10-wall");
      });
    });
  }
}

test("the two of the README", async ({ guest, page, server, browser }) => {
  test.skip(readmeFolder === undefined, "README_IMAGES names no folder");
  const into = (name: string) => join(readmeFolder as string, `${name}.png`);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 390, height: 780 });
  const wall = await browser.newPage({
    colorScheme: "dark",
    viewport: { width: 1180, height: 700 },
  });
  await wall.goto(`${server.url}/wall`);
  for (const [name, ml] of [
    ["Mika", 45],
    ["Noor", 15],
    ["Jonas", 30],
    ["Ada", 45],
  ] as const) {
    if (name !== "Mika") await guest.button("Change").click();
    await guest.introduce(name);
    await page.getByRole("radio", { name: `${ml} ml` }).click();
    await guest.pour.click();
    await filledAbove(page, ml * 0.6);
    if (name === "Ada") {
      await page.screenshot({ path: into("phone") });
      await wall.screenshot({ path: into("wall") });
    }
    await expect(guest.receipt).toContainText("ml poured");
    await expect(guest.pour).toBeEnabled();
  }
  await wall.context().close();
});
