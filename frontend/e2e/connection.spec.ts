import { expect, test } from "./party";

test("the page goes stale when the server dies, and recovers by itself", async ({
  guest,
  server,
  dispenser,
}) => {
  await guest.introduce("Ada");
  await expect(guest.pour).toBeEnabled();
  await server.kill();
  await expect(guest.button("Reconnecting…")).toBeDisabled();
  await expect(guest.page.getByText("Connection lost. This may be out of date.")).toBeVisible();
  await dispenser.liftGlass();
  await server.start();
  await expect(guest.button("Place a glass")).toBeDisabled();
  await dispenser.placeGlass();
  await expect(guest.pour).toBeEnabled();
  await expect(guest.page.getByText("Connection lost. This may be out of date.")).toBeHidden();
});

test("a pour survives the server's death: it is settled once, and seen to its end", async ({
  guest,
  server,
  dispenser,
}) => {
  await guest.introduce("Ada");
  await guest.choose(60);
  await guest.pourAndSeeItFill(60);
  await server.kill();
  await expect(guest.page.getByText("Connection lost. This may be out of date.")).toBeVisible();
  await server.start();
  await expect(guest.receipt).toContainText("ml poured");
  await expect(guest.log).toHaveCount(1);
  const { episodes } = await dispenser.truth();
  expect(episodes).toHaveLength(1);
});

test("an order whose answer is lost is poured once", async ({ guest, dispenser }) => {
  await guest.introduce("Ada");
  let orders = 0;
  await guest.page.route("**/api/dispense", async (route) => {
    orders += 1;
    if (orders > 1) return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await guest.choose(20);
  await guest.pour.click();
  await expect(guest.receipt).toContainText("ml poured");
  await expect(guest.log).toHaveCount(1);
  expect((await dispenser.truth()).episodes).toHaveLength(1);
});

test("an order that never reached the server is sent again, and poured once", async ({
  guest,
  dispenser,
}) => {
  await guest.introduce("Ada");
  let orders = 0;
  await guest.page.route("**/api/dispense", (route) => {
    orders += 1;
    return orders > 1 ? route.continue() : route.abort("connectionrefused");
  });
  await guest.choose(20);
  await guest.pour.click();
  await expect(guest.receipt).toContainText("ml poured");
  expect(orders).toBe(2);
  expect((await dispenser.truth()).episodes).toHaveLength(1);
});

test("without a network the page says so, and is back by itself when there is one", async ({
  guest,
  dispenser,
}) => {
  const { page } = guest;
  await guest.introduce("Ada");
  const network = await page.context().newCDPSession(page);
  const reachable = (offline: boolean) =>
    network.send("Network.emulateNetworkConditions", {
      offline,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    });
  await network.send("Network.enable");
  await reachable(true);
  await expect(guest.button("Reconnecting…")).toBeDisabled();
  await dispenser.liftGlass();
  await reachable(false);
  await expect(guest.button("Place a glass")).toBeVisible();
  await dispenser.placeGlass();
  await expect(guest.pour).toBeEnabled();
});

test("a page in the pocket holds no connection, and is up to date when it is looked at", async ({
  guest,
  server,
  dispenser,
}) => {
  await guest.introduce("Ada");
  const show = (visibility: "hidden" | "visible") =>
    guest.page.evaluate((state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, visibility);
  await show("hidden");
  await expect.poll(() => server.metric("pourtocol_live_clients")).toBe(0);
  await dispenser.liftGlass();
  await show("visible");
  await expect(guest.button("Place a glass")).toBeVisible();
  await dispenser.placeGlass();
  await expect(guest.pour).toBeEnabled();
  await expect.poll(() => server.metric("pourtocol_live_clients")).toBe(1);
});

test("a pour goes on while the page is in the pocket", async ({ guest, dispenser }) => {
  await guest.introduce("Ada");
  await guest.choose(60);
  await guest.pourAndSeeItFill(60);
  await guest.page.evaluate(() => {
    window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
  });
  await expect.poll(async () => (await dispenser.truth()).pump_on).toBe(false);
  await guest.page.evaluate(() => {
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  });
  await expect(guest.receipt).toContainText("Asked for 60 ml.");
  expect((await dispenser.truth()).episodes).toHaveLength(1);
});
