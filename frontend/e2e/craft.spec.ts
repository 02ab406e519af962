import { expectNoFaults } from "./axe";
import { expect, test } from "./party";

for (const colorScheme of ["dark", "light"] as const) {
  test.describe(`in the ${colorScheme}`, () => {
    // Without motion, so that no colour is judged halfway between two.
    const contextOptions = { reducedMotion: "reduce" } as const;
    test.use({ colorScheme, contextOptions, taps: { gin: [], rum: ["--no-glass"] } });

    test("axe finds nothing, before, during and after a pour", async ({ guest, server }) => {
      await expectNoFaults(guest.page);
      await guest.introduce("Ada");
      await guest.choose(61);
      await expectNoFaults(guest.page);
      await guest.choose(60);
      await guest.pourAndSeeItFill(60);
      await expectNoFaults(guest.page);
      await expect(guest.receipt).toBeVisible();
      await expectNoFaults(guest.page);
      await guest.button("Settings").click();
      await expect(guest.page.getByRole("dialog")).toBeVisible();
      await expectNoFaults(guest.page);
      await guest.page.keyboard.press("Escape");
      await guest.page.getByRole("radio", { name: /rum/ }).click();
      await expect(guest.button("Place a glass")).toBeVisible();
      await expectNoFaults(guest.page);
      await server.kill();
      await expect(guest.button("Reconnecting…")).toBeVisible();
      await expectNoFaults(guest.page);
    });
  });
}

for (const [width, height] of [
  [320, 568],
  [360, 640],
  [390, 844],
] as const) {
  test(`POUR is in view and everything is big enough for a thumb at ${width}x${height}`, async ({
    guest,
  }) => {
    await guest.page.setViewportSize({ width, height });
    await guest.introduce("Ada");
    await expect(guest.pour).toBeInViewport({ ratio: 1 });
    const pour = await guest.pour.boundingBox();
    expect(pour?.height).toBeGreaterThanOrEqual(64);

    await guest.page.getByRole("radio", { name: "Custom" }).click();
    const small = await guest.page.evaluate(() =>
      [...document.querySelectorAll("button, input, a")]
        .map((target) => ({ html: target.outerHTML, box: target.getBoundingClientRect() }))
        .filter(({ box }) => box.width < 44 || box.height < 44)
        .map(({ html }) => html),
    );
    expect(small).toEqual([]);
    const sideways = await guest.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(sideways).toBe(0);
  });
}

test("all of it works from the keyboard", async ({ guest }) => {
  const { keyboard } = guest.page;
  await guest.page.getByRole("textbox", { name: "Who is pouring?" }).focus();
  await keyboard.type("Ada");
  await keyboard.press("Enter");
  await guest.page.getByRole("radio", { name: "30 ml" }).focus();
  await keyboard.press("ArrowLeft");
  await keyboard.press("Space");
  await expect(guest.page.getByRole("radio", { name: "15 ml" })).toBeChecked();
  await guest.pour.focus();
  await keyboard.press("Enter");
  await expect(guest.receipt).toContainText("Asked for 15 ml.");
});

test("a large text size hides nothing", async ({ guest }) => {
  await guest.page.addStyleTag({ content: "html { font-size: 200% }" });
  await guest.introduce("Ada");
  await expect(guest.pour).toBeInViewport({ ratio: 1 });
  const sideways = await guest.page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways).toBe(0);
});
