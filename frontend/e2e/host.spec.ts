import { expectNoFaults } from "./axe";
import { expect, test } from "./host-party";
import type { Dispenser } from "./party";

const pumpsOn = async (dispensers: Dispenser[]) =>
  Promise.all(dispensers.map(async (dispenser) => (await dispenser.truth()).pump_on));

test.use({ taps: { gin: [], rum: [] } });

test("one tap is stopped in mid-pour, and the other goes on", async ({ host, dispensers }) => {
  await host.open();
  await host.order("gin", "Ada", 60);
  await host.seeItFill("gin");
  await expect(host.tap("gin")).toContainText("For Ada");
  await host.button("Stop gin").click();
  await expect(host.tap("gin").getByText("Stopped", { exact: true })).toBeVisible();
  await expect(host.tap("gin")).toContainText("The pump is off.");
  expect(await pumpsOn(dispensers)).toEqual([false, false]);
  const { episodes } = (await dispensers[0]?.truth()) ?? { episodes: [] };
  expect(episodes[0]?.ml).toBeLessThan(58);

  await expect(host.tap("rum").getByText("Ready")).toBeVisible();
  await host.pour("rum", "Grace", 10);
  await expect(host.tap("rum").getByRole("listitem")).toContainText("Grace");
});

test("STOP ALL turns every pump off at once; each is resumed after a second thought", async ({
  host,
  dispensers,
}) => {
  await host.open();
  await Promise.all([host.order("gin", "Ada", 60), host.order("rum", "Grace", 60)]);
  await host.seeItFill("gin");
  await host.seeItFill("rum");
  expect(await pumpsOn(dispensers)).toEqual([true, true]);
  await host.stopAll.click();
  await expect.poll(() => pumpsOn(dispensers)).toEqual([false, false]);
  await expect(host.page.getByText("Every tap is stopped").first()).toBeVisible();
  await expect(host.alarm).toHaveCount(0);

  await host.button("Resume gin").click();
  await expect(host.sheet).toContainText("Let gin pour again?");
  await host.button("No, keep it stopped").click();
  await expect(host.sheet).toHaveCount(0);
  await expect(host.tap("gin").getByText("Stopped", { exact: true })).toBeVisible();

  await host.button("Resume gin").click();
  await host.button("Yes, resume").click();
  await expect(host.tap("gin").getByText("Ready")).toBeVisible();
  await expect(host.tap("rum").getByText("Stopped", { exact: true })).toBeVisible();

  await host.stopAll.click();
  await host.button("Resume all").click();
  await host.button("Yes, resume").click();
  await expect(host.tap("gin").getByText("Ready")).toBeVisible();
  await expect(host.tap("rum").getByText("Ready")).toBeVisible();
});

test("STOP works while the live stream is down", async ({ host, dispensers }) => {
  await host.open();
  await host.order("gin", "Ada", 60);
  await host.seeItFill("gin");
  await host.page.route("**/api/events", (route) => route.abort("connectionrefused"));
  await host.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(host.page.getByText("Reconnecting…")).toBeVisible();
  await expect(host.page.getByText(/Connection lost at .* STOP is still sent\./)).toBeVisible();
  await host.stopAll.click();
  await expect.poll(() => pumpsOn(dispensers)).toEqual([false, false]);
});

test("a stop that the server may not have heard is loud, and sent again by a press", async ({
  host,
  dispensers,
}) => {
  await host.open();
  await host.order("gin", "Ada", 60);
  await host.seeItFill("gin");
  let presses = 0;
  await host.page.route("**/api/stop", (route) => {
    presses += 1;
    return presses > 1 ? route.continue() : route.abort("connectionreset");
  });
  await host.stopAll.click();
  await expect(host.alarm).toContainText("the stop may not have arrived");
  expect((await pumpsOn(dispensers))[0]).toBe(true);
  await host.button(/stop again/i).click();
  await expect.poll(() => pumpsOn(dispensers)).toEqual([false, false]);
  await expect(host.alarm).toHaveCount(0);
});

test("a machine that does not answer a stop is named until it is known to be at rest", async ({
  host,
  dispensers: [gin],
}) => {
  await host.open();
  await host.order("gin", "Ada", 60);
  await host.seeItFill("gin");
  await gin?.loseTouch();
  await host.stopAll.click();
  await expect(host.alarm).toContainText("gin: It does not answer: lift the glass");
  await expect(host.tap("gin")).toContainText("Check the machine's power and its Wi-Fi.");
  await gin?.findTouch();
  await expect(host.alarm).toHaveCount(0);
  expect((await gin?.truth())?.pump_on).toBe(false);
});

test("a machine without power does not keep the others from stopping", async ({
  host,
  dispensers: [gin, rum],
}) => {
  await host.open();
  await host.order("rum", "Ada", 60);
  await host.seeItFill("rum");
  await gin?.cutPower();
  await host.stopAll.click();
  await expect.poll(async () => (await rum?.truth())?.pump_on).toBe(false);
  await expect(host.alarm).toContainText("gin: It does not answer");
  await expect(host.alarm).not.toContainText("rum");
  await expect(host.tap("rum")).toContainText("The pump is off.");
});

test("an empty bottle is named, with what to do about it", async ({ host, dispensers: [gin] }) => {
  await host.open();
  await gin?.emptyBottle();
  await host.order("gin", "Ada", 30);
  await expect(host.tap("gin")).toContainText("Nothing flows");
  await expect(host.tap("gin")).toContainText("Change the bottle");
  await expect(host.tap("gin").getByText("Needs a look")).toBeVisible();
});

test("a board that was replaced is named, and pours once it is taken over", async ({
  host,
  dispensers: [gin],
}) => {
  await host.open();
  await expect(host.tap("gin")).toContainText("Ready");
  await gin?.swapBoard("00000000000000b2");
  await expect(host.tap("gin")).toContainText("Another machine answers");
  await host.button("Why? gin").click();
  const machine = host.sheet.getByRole("listitem").filter({ hasText: "Its machine" });
  await expect(machine).toContainText("The machine at this address is 00000000000000b2");
  await expectNoFaults(host.page);
  await host.sheet.getByRole("button", { name: "Take over this machine" }).click();
  await expectNoFaults(host.page);
  await host.sheet.getByRole("button", { name: "Yes, take it over" }).click();
  await expect(machine).toContainText("the right one");
  await expect(host.sheet).toContainText("It is ready to pour.");
  await host.page.keyboard.press("Escape");
  await host.order("gin", "Ada", 15);
  await expect.poll(async () => (await gin?.truth())?.episodes.length).toBe(1);
});

test("the why panel follows the machine", async ({ host, dispensers: [gin] }) => {
  await host.open();
  await host.button("Why? gin").click();
  const glass = host.sheet.getByRole("listitem").filter({ hasText: "Glass" });
  await expect(host.sheet).toContainText("It is ready to pour.");
  await expect(glass).toContainText("in place");
  await gin?.liftGlass();
  await expect(glass).toContainText("missing");
  await expect(glass).toContainText("Place a glass.");
  await expect(host.sheet).toContainText("It does not pour now.");
  await gin?.placeGlass();
  await expect(glass).toContainText("in place");
  // Nothing of the tap changes now; the panel asks all the same.
  const asked = host.page.waitForResponse("**/api/why?tap=gin");
  await asked;
});

test("what was poured today is counted as it is poured", async ({ host }) => {
  await host.open();
  const today = host.page.locator("[data-part=today]");
  await expect(today).toContainText("0 ml · 0 pours");
  await host.pour("gin", "Ada", 20);
  await expect(today).toContainText(/(19|20|21)\sml · 1 pour/);
  await host.pour("rum", "Ada", 20);
  await expect(today).toContainText(/(39|40|41)\sml · 2 pours/);
  await expect(host.tap("rum")).toContainText(/(19|20|21)\sml · 1 pour/);
});

for (const colorScheme of ["dark", "light"] as const) {
  test.describe(`in the ${colorScheme}`, () => {
    // Without motion, so that no colour is judged halfway between two.
    test.use({ colorScheme, contextOptions: { reducedMotion: "reduce" } });

    test("axe finds nothing on the host's overview", async ({
      host,
      dispensers: [gin],
      server,
    }) => {
      await host.open();
      await expectNoFaults(host.page);
      await host.order("gin", "Ada", 60);
      await host.seeItFill("gin");
      await expectNoFaults(host.page);
      await gin?.loseTouch();
      await host.stopAll.click();
      await expect(host.alarm).toBeVisible();
      await expectNoFaults(host.page);
      await host.button("Why? gin").click();
      await expect(host.sheet.getByRole("listitem")).toHaveCount(8);
      await expectNoFaults(host.page);
      await host.page.keyboard.press("Escape");
      await host.button("Resume gin").click();
      await expectNoFaults(host.page);
      await host.page.keyboard.press("Escape");
      await server.kill();
      await expect(host.page.getByText(/Connection lost at/)).toBeVisible();
      await expectNoFaults(host.page);
    });
  });
}

for (const [width, height] of [
  [320, 568],
  [360, 640],
  [820, 1180],
  [1440, 900],
] as const) {
  test(`STOP ALL is in view and large, and all fits, at ${width}x${height}`, async ({ host }) => {
    await host.page.setViewportSize({ width, height });
    await host.open();
    await expect(host.tap("rum")).toBeVisible();
    await expect(host.stopAll).toBeInViewport({ ratio: 1 });
    expect((await host.stopAll.boundingBox())?.height).toBeGreaterThanOrEqual(56);
    expect(await host.layout()).toEqual({ small: [], sideways: 0 });
    await host.page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(host.stopAll).toBeInViewport({ ratio: 1 });
  });
}

for (const [what, width, height] of [
  ["the smallest phone", 320, 568],
  ["the smallest phone at twice the size", 160, 284],
] as const) {
  test.describe(`on ${what}`, () => {
    test.use({ taps: { gin: [], rum: [], vodka: [], whisky: [] } });

    test("the alarm leaves room for STOP, and can be read to its end", async ({
      host,
      dispensers,
    }) => {
      await host.page.setViewportSize({ width, height });
      await host.open();
      for (const dispenser of dispensers) await dispenser.loseTouch();
      await host.stopAll.click();
      await expect(host.alarm).toContainText("whisky: It does not answer");
      await expect(host.alarm).toBeInViewport({ ratio: 1 });
      const stopAgain = host.page.getByRole("banner").getByRole("button", { name: "Stop again" });
      await expect(stopAgain).toBeInViewport({ ratio: 1 });
      const last = host.alarm.getByRole("listitem").last();
      await last.scrollIntoViewIfNeeded();
      await expect(last).toBeInViewport({ ratio: 0.1 });
    });
  });
}

test("a large text size hides nothing of the overview", async ({ host }) => {
  await host.open();
  await host.page.addStyleTag({ content: "html { font-size: 200% }" });
  await expect(host.stopAll).toBeInViewport({ ratio: 1 });
  expect((await host.layout()).sideways).toBe(0);
});

test("a host stops and resumes without a mouse", async ({ host }) => {
  const { keyboard } = host.page;
  await host.open();
  await host.stopAll.focus();
  await keyboard.press("Enter");
  await host.button("Resume gin").focus();
  await keyboard.press("Enter");
  await expect(host.sheet).toBeVisible();
  await host.button("Yes, resume").focus();
  await keyboard.press("Enter");
  await expect(host.tap("gin").getByText("Ready")).toBeVisible();
});
