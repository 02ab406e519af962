import { expect, test } from "./host-party";

const OLD_POURS = 50_000;

// Without a trace, which would keep every one of a thousand screens.
test.use({ oldPours: OLD_POURS, viewport: { width: 1200, height: 3000 }, trace: "off" });

test("50,000 pours are scrolled to their end, and every one comes exactly once", async ({
  host,
}) => {
  // A thousand screens: a bound against hanging, wide enough for a busy machine.
  test.setTimeout(900_000);
  await host.open("/host/log");
  await expect(host.pours.first()).toBeVisible();
  const seen = await host.scrollThrough();
  expect(seen.doubled).toEqual([]);
  expect(seen).toMatchObject({ pours: OLD_POURS, different: OLD_POURS });
  expect(seen.most).toBeLessThan(120);
  await expect(host.pours.last()).toHaveAttribute("aria-setsize", String(OLD_POURS));
  await expect(host.page.locator("[data-part=count]")).toHaveText("50,000 pours");
});
