/** All views through all that can happen to them, in a browser that translates the page. */
import { expect, test as hostTest } from "./host-party";
import { Guest, test } from "./party";
import { translate } from "./translator";

// Somebody who reads neither of our languages.
test.use({ locale: "fr-FR" });
hostTest.use({ locale: "fr-FR" });

test("a translated page pours, stops, and says how it went", async ({
  page,
  server,
  dispenser,
}) => {
  const wrong: string[] = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  await translate(page);
  const guest = new Guest(page);
  await page.goto(server.url);
  await expect(page.getByText("LIVE", { exact: true })).toBeVisible();
  await page.getByRole("textbox", { name: /who is pouring/i }).fill("Ada");
  await page.keyboard.press("Enter");
  await expect(guest.pour).toBeEnabled();

  for (const amount of ["61", "abc", "", "60"]) {
    await page.getByRole("radio", { name: /custom/i }).click();
    await page.getByRole("textbox", { name: /custom amount/i }).fill(amount);
  }
  await guest.pourAndSeeItFill(60);
  await guest.stop.click();
  await expect(guest.receipt).toContainText(/[\d.]+ OF 60 ML POURED/);
  await expect(guest.pour).toBeEnabled();
  await guest.receipt.getByRole("button").click();
  await expect(guest.receipt).toHaveCount(0);

  await guest.choose(20);
  await guest.pour.click();
  await expect(guest.receipt).toContainText("ASKED FOR 20 ML.");
  await dispenser.liftGlass();
  await expect(guest.button(/place a glass/i)).toBeDisabled();
  await dispenser.placeGlass();
  await expect(guest.pour).toBeEnabled();
  await dispenser.layTag("04A1B2C3");
  await guest.button(/04A1B2C3/).click();
  await guest.button(/undo/i).click();
  await dispenser.layTag(null);
  await guest.button(/settings/i).click();
  await page.getByRole("radio", { name: /light/i }).click();
  await page.keyboard.press("Escape");

  await server.kill();
  await expect(guest.button(/reconnecting/i)).toBeDisabled();
  await server.start();
  await expect(guest.pour).toBeEnabled();
  await expect(page.getByRole("alert")).toHaveCount(0);
  await page.goto(`${server.url}/wall`);
  await expect(page.getByRole("article")).toContainText("READY");
  await guest.page.goto(`${server.url}/host`);
  await expect(page.getByRole("article")).toContainText("READY");
  expect(wrong).toEqual([]);
});

hostTest.describe("with two taps", () => {
  hostTest.use({ taps: { gin: [], rum: [] } });

  hostTest(
    "a translated overview stops, alarms, resumes and explains",
    async ({ host, dispensers: [gin], server }) => {
      const { page } = host;
      await translate(page);
      await page.goto(`${server.url}/host`);
      await expect(page.getByText("LIVE", { exact: true })).toBeVisible();
      await host.order("gin", "Ada", 60);
      await host.seeItFill("gin");
      const filled = host.tap("gin").getByRole("paragraph").filter({ hasText: "OF 60 ML" });
      const first = await filled.textContent();
      await expect(filled).not.toHaveText(first ?? "");
      await gin?.loseTouch();
      await host.stopAll.click();
      await expect(host.alarm).toContainText("IT DOES NOT ANSWER");
      await gin?.findTouch();
      await expect(host.alarm).toHaveCount(0);
      await host.button(/resume all/i).click();
      await host.button(/yes, resume/i).click();
      await expect(host.tap("rum")).toContainText("READY");
      await host.button(/why\? gin/i).click();
      const glass = host.sheet.getByRole("listitem").filter({ hasText: "GLASS" });
      await gin?.liftGlass();
      await expect(glass).toContainText("MISSING");
      await gin?.placeGlass();
      await expect(glass).toContainText("IN PLACE");
      await page.keyboard.press("Escape");

      await page.getByRole("link", { name: /^log$/i }).click();
      await expect(host.pours.first()).toContainText("ADA");
      await host.pour("rum", "Grace", 10);
      await expect(host.pours.first()).toContainText("GRACE");
      await host.pours.first().getByRole("button").first().click();
      await expect(host.sheet).toContainText("STEP BY STEP");
      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: /overview/i }).click();
      await host.stopAll.click();
      await expect(host.tap("rum")).toContainText("STOPPED");
    },
  );
});
