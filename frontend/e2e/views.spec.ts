import type { Page } from "@playwright/test";
import { expectNoFaults } from "./axe";
import { expect, test } from "./party";

async function sideways(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}

test.describe("with two taps", () => {
  test.use({ taps: { gin: [], rum: ["--no-glass"] } });

  test("a sticker on a machine opens that machine's tap", async ({ guest, server }) => {
    await guest.open(server, "/tap/rum");
    await expect(guest.page.getByRole("radio", { name: /rum/ })).toBeChecked();
    await guest.introduce("Ada");
    await expect(guest.button("Place a glass")).toBeVisible();
    await guest.page.getByRole("radio", { name: /gin/ }).click();
    await expect(guest.pour).toBeEnabled();
    await expect(guest.page).toHaveURL(`${server.url}/`);
  });

  test("a sticker of a tap that is gone says so, and leaves the others to choose", async ({
    guest,
    server,
  }) => {
    await guest.open(server, "/tap/cellar");
    await expect(guest.page.getByRole("alert")).toHaveText("There is no tap called “cellar” here.");
    await guest.introduce("Ada");
    // Whoever stands there is not moved to another tap, which may be in another room.
    await expect(guest.button("Choose a tap")).toBeDisabled();
    await guest.page.getByRole("radio", { name: /gin/ }).click();
    await expect(guest.pour).toBeEnabled();
  });
});

test("the page speaks the phone's language, or the one that is chosen", async ({
  browser,
  guest,
  server,
}) => {
  const phone = await browser.newPage({ locale: "de-AT" });
  await phone.goto(server.url);
  await expect(phone.getByText("Zuletzt eingeschenkt")).toBeVisible();
  await expect(phone.locator("html")).toHaveAttribute("lang", "de");
  await phone.context().close();

  await guest.button("Settings").click();
  await guest.page.getByRole("radio", { name: "English" }).focus();
  // Going through the languages by keyboard is not choosing one.
  const stays = await guest.page.evaluateHandle(() => document);
  await guest.page.keyboard.press("ArrowRight");
  await expect(guest.page.getByRole("radio", { name: "Deutsch" })).toBeChecked();
  await expect(guest.page.getByRole("heading", { name: "Settings" })).toBeVisible();
  expect(await guest.page.evaluate((document) => document === window.document, stays)).toBe(true);
  await guest.button("Switch to Deutsch").click();
  await expect(guest.page.getByText("Zuletzt eingeschenkt")).toBeVisible();
  await expect(guest.page.locator("html")).toHaveAttribute("lang", "de");
  expect(await guest.page.evaluate((document) => document === window.document, stays)).toBe(true);
  await guest.button("Einstellungen").click();
  await guest.page.getByRole("radio", { name: "Polski" }).click();
  await guest.button("Auf Polski umschalten").click();
  await expect(guest.page.getByText("Ostatnio nalane")).toBeVisible();
  await expect(guest.page.locator("html")).toHaveAttribute("lang", "pl");
  expect(await guest.page.evaluate((document) => document === window.document, stays)).toBe(true);
  await guest.button("Ustawienia").click();
  await guest.page.getByRole("radio", { name: "Deutsch" }).click();
  await guest.button("Przełącz na Deutsch").click();
  await guest.page.reload();
  await expect(guest.page.getByText("Zuletzt eingeschenkt")).toBeVisible();
});

test("light and dark follow the phone until one of them is chosen", async ({ guest }) => {
  const { page } = guest;
  const root = page.locator("html");
  await page.emulateMedia({ colorScheme: "light" });
  await expect(root).toHaveAttribute("data-theme", "light");
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(root).toHaveAttribute("data-theme", "dark");
  await guest.button("Settings").click();
  await expect(page.getByRole("radio", { name: "Light" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(guest.button("Settings")).toBeFocused();
  await page.keyboard.press("Enter");
  await page.getByRole("radio", { name: "Light" }).click();
  await expect(root).toHaveAttribute("data-theme", "light");
  await page.reload();
  await expect(root).toHaveAttribute("data-theme", "light");
});

test("right to left nothing is cut off or runs out of the screen", async ({ guest, dispenser }) => {
  const { page } = guest;
  await page.setViewportSize({ width: 320, height: 568 });
  await page.evaluate(() => {
    document.documentElement.dir = "rtl";
  });
  await guest.introduce("Ada");
  expect(await sideways(page)).toBe(0);
  const name = await page.getByText("Pouring as").first().boundingBox();
  expect((name?.x ?? 0) + (name?.width ?? 0)).toBeGreaterThan(240);
  await guest.choose(60);
  await guest.pourAndSeeItFill(60);
  await expect(guest.receipt).toContainText("ml poured");
  expect(await sideways(page)).toBe(0);
  expect((await dispenser.truth()).episodes).toHaveLength(1);
});

for (const [locale, pouring] of [
  ["de-DE", "Schenkt ein"],
  ["pl-PL", "Nalewa"],
] as const) {
  test(`in ${locale} nothing runs out of the smallest screen, and axe finds nothing`, async ({
    browser,
    server,
    dispenser,
  }) => {
    const phone = await browser.newContext({ locale, viewport: { width: 320, height: 568 } });
    const page = await phone.newPage();
    await page.goto(server.url);
    await page.getByRole("textbox").first().fill("Ada");
    await page.keyboard.press("Enter");
    await page.getByRole("button").filter({ hasText: "30 ml" }).click();
    await expect(page.getByText(pouring, { exact: true }).first()).toBeVisible();
    expect(await sideways(page)).toBe(0);
    await dispenser.liftGlass();
    await expect(page.locator("section section")).toBeVisible();
    expect(await sideways(page)).toBe(0);
    await expectNoFaults(page);
    for (const path of ["/host", "/host/log"]) {
      await page.goto(server.url + path);
      await expect(page.locator("article, [data-open]").first()).toBeVisible();
      expect(await sideways(page)).toBe(0);
      await expectNoFaults(page);
    }
    await phone.close();
  });
}

test.describe("the wall", () => {
  test.use({ taps: { gin: [], rum: ["--no-glass"] }, viewport: { width: 1440, height: 900 } });

  test("shows every tap, fills with the pour, and remembers who had what", async ({
    guest,
    server,
    browser,
    dispenser,
  }) => {
    const wall = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    await wall.goto(`${server.url}/wall`);
    const gin = wall.getByRole("article", { name: "gin" });
    await expect(gin).toContainText("Ready");
    await expect(wall.getByRole("article", { name: "rum" })).toContainText("No glass");
    expect(await wall.getByRole("button").or(wall.getByRole("link")).count()).toBe(0);

    await guest.introduce("Ada");
    const filling = gin.getByRole("progressbar").waitFor();
    await guest.pourAndSeeItFill(30);
    await filling;
    await expect(guest.receipt).toContainText("ml poured");
    await expect(gin).toContainText("for Ada");
    await expect(wall.getByRole("listitem").first()).toContainText("Ada");
    await dispenser.liftGlass();
    await expect(gin).not.toContainText("for Ada");
    await expect(gin).toContainText("No glass");
    const cut = await wall.evaluate(
      () => document.documentElement.scrollHeight - document.documentElement.clientHeight,
    );
    expect(cut).toBe(0);
    expect(await sideways(wall)).toBe(0);
    await wall.context().close();
  });

  test("is still true after three days and many restarts, without a reload", async ({
    page,
    server,
    dispenser,
  }) => {
    await page.clock.install();
    await page.goto(`${server.url}/wall`);
    await page.evaluate(() => Object.assign(window, { opened: "once" }));
    const gin = page.getByRole("article", { name: "gin" });
    await expect(gin).toContainText("Ready");
    // The whole page, with what it loads last.
    await expect(page.getByText("The first glass is yours.")).toBeVisible();
    await expect(page.getByRole("region", { name: /^Notifications/ })).toBeAttached();
    const nodes = () => page.evaluate(() => document.querySelectorAll("*").length);
    const before = await nodes();
    for (let day = 0; day < 3; ++day) {
      await page.clock.fastForward("24:00:00");
      await server.kill();
      await expect(page.getByText("The bar is out of touch.")).toBeVisible();
      await server.start();
      await page.clock.runFor(10_000);
      await expect(page.getByText("The bar is out of touch.")).toBeHidden();
      await dispenser.liftGlass();
      await expect(gin).toContainText("No glass");
      await dispenser.placeGlass();
      await expect(gin).toContainText("Ready");
    }
    expect(await nodes()).toBe(before);
    expect(await page.evaluate(() => "opened" in window)).toBe(true);
  });

  for (const colorScheme of ["dark", "light"] as const) {
    test(`axe finds nothing in the ${colorScheme}`, async ({ page, server }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.goto(`${server.url}/wall`);
      await expect(page.getByRole("article", { name: "gin" })).toContainText("Ready");
      await expectNoFaults(page);
    });
  }
});

for (const how of ["refuses to write", "refuses to be asked"]) {
  test(`a browser whose storage ${how} keeps the settings for this visit`, async ({ guest }) => {
    const { page } = guest;
    await page.addInitScript((asked) => {
      const refuse = () => {
        throw new DOMException("no", "SecurityError");
      };
      if (asked) Object.defineProperty(window, "localStorage", { get: refuse });
      else Storage.prototype.setItem = refuse;
    }, how === "refuses to be asked");
    await page.reload();
    await guest.introduce("Ada");
    await guest.button("Settings").click();
    await expect(page.getByText("This browser lets the page store nothing.")).toBeVisible();
    await page.getByRole("radio", { name: "Light" }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
    await page.getByRole("radio", { name: "Deutsch" }).click();
    await guest.button("Switch to Deutsch").click();
    await expect(page.getByText("Zuletzt eingeschenkt")).toBeVisible();
    // What was chosen before is not lost with the page that came anew for its words.
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
    await expect(page.getByText("Ada", { exact: true })).toBeVisible();
    await guest.button("Einstellungen").click();
    await expect(page.getByRole("radio", { name: "Hell" })).toBeChecked();
  });
}

test("Back closes what lies over the page, and only that", async ({ guest, server }) => {
  const { page } = guest;
  await page.goto(`${server.url}/wall`);
  await guest.open(server, "/host");
  const opened: [button: RegExp, sheet: string][] = [
    [/^settings$/i, "Settings"],
    [/^why/i, "Why"],
  ];
  for (const [button, sheet] of opened) {
    for (const close of [() => page.goBack(), () => page.keyboard.press("Escape")]) {
      await guest.button(button).first().click();
      await expect(page.getByRole("dialog", { name: new RegExp(sheet) })).toBeVisible();
      await close();
      await expect(page.getByRole("dialog")).toHaveCount(0);
      await expect(page).toHaveURL(`${server.url}/host`);
    }
  }
  // However often something was opened: the next Back leaves.
  await page.goBack();
  await expect(page).toHaveURL(`${server.url}/wall`);

  await guest.open(server, "/host");
  await guest.button("Settings").click();
  await page.getByRole("link", { name: "Pour", exact: true }).last().click();
  await expect(page).toHaveURL(`${server.url}/`);
  await page.goBack();
  await expect(page).toHaveURL(`${server.url}/host`);
  await expect(page.getByRole("dialog")).toHaveCount(0);
});
