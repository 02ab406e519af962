import { expectNoFaults } from "./axe";
import { expect, test } from "./host-party";

test.describe("a log from before", () => {
  test.use({ oldPours: 300, taps: { gin: [], rum: [] } });

  test("the head of the log is the server's, grows with each pour, and no axe rule minds", async ({
    host,
  }) => {
    await host.pour("gin", "Ada", 5);
    await host.open("/host/log");
    await host.page.getByText("Head of the log").click();
    const head = host.page.locator("code");
    const told = async () => {
      const answer = await host.page.request.get(`${host.server.url}/api/log/head`);
      return ((await answer.json()) as { head: string }).head;
    };
    const before = await told();
    await expect(head).toHaveText(before);
    await expectNoFaults(host.page);
    await host.pour("gin", "Bob", 5);
    await expect(host.pours.first()).toContainText("Bob");
    await expect.poll(async () => (await head.textContent()) === (await told())).toBe(true);
    expect(await head.textContent()).not.toBe(before);
  });

  test("what comes while one is scrolled down waits above, and moves nothing", async ({ host }) => {
    await host.open("/host/log");
    await expect(host.pours.first()).toBeVisible();
    await host.page.evaluate(() => window.scrollTo(0, 2000));
    // By its place: the rows follow the scroll a frame later.
    const row = host.page.locator('[role=feed] article[aria-posinset="28"]');
    await expect(row).toBeInViewport({ ratio: 1 });
    const key = await row.getAttribute("data-key");
    const read = host.page.locator(`[data-key="${key}"]`);
    const before = await read.boundingBox();
    await host.pour("gin", "Newcomer", 5);
    await host.pour("rum", "Newcomer", 5);
    const pill = host.button("2 new. Show the newest");
    await expect(pill).toBeVisible();
    expect(await read.boundingBox()).toEqual(before);
    await pill.click();
    await expect(host.pours.first()).toContainText("Newcomer");
    await expect(pill).toHaveCount(0);
    // At the top, the next one is there at once.
    await host.pour("gin", "Latecomer", 5);
    await expect(host.pours.first()).toContainText("Latecomer");
  });

  test("nothing is missing or doubled after the server was away", async ({ host, server }) => {
    await host.open("/host/log");
    await host.pour("gin", "Before", 5);
    await expect(host.pours.first()).toContainText("Before");
    await server.kill();
    await expect(host.page.getByText(/Connection lost at/)).toBeVisible();
    await server.start();
    await host.pour("gin", "After", 5);
    await expect(host.pours.first()).toContainText("After");
    await expect(host.pours.nth(1)).toContainText("Before");
    const seen = await host.scrollThrough();
    expect(seen).toMatchObject({ pours: 302, different: 302, doubled: [] });
  });

  test("filters are in the address, go back, and are what the table holds", async ({ host }) => {
    const { page } = host;
    await host.pour("gin", "Ada", 5);
    await host.pour("rum", "Ada", 5);
    await host.open("/host/log");
    const count = page.locator("[data-part=count]");
    const tableRows = async () => {
      const link = page.getByRole("link", { name: /CSV/ });
      const csv = await page.request.get(`${host.server.url}${await link.getAttribute("href")}`);
      return (await csv.text()).trim().split("\r\n").slice(1);
    };
    await page.getByRole("radio", { name: "Partial or failed" }).click();
    await expect(page).toHaveURL(/\?status=failed$/);
    await expect(count).toHaveText("60 pours");
    await expect(host.pours.first()).toContainText("Not poured");
    expect(await tableRows()).toHaveLength(60);

    await page.getByRole("radio", { name: "All", exact: true }).click();
    await host.button("Only Ada").first().click();
    await expect(page).toHaveURL(/\?user=Ada$/);
    await expect(count).toHaveText("2 pours");
    await page.getByRole("combobox", { name: "Tap" }).selectOption("gin");
    await expect(count).toHaveText("1 pour");
    await expect(host.pours).toContainText("gin");
    const ofAda = await tableRows();
    expect(ofAda.map((row) => row.split(",")[5])).toEqual(["success", "started"]);

    await page.goBack();
    await expect(count).toHaveText("2 pours");
    await host.button("Show everybody").click();
    await page.getByRole("combobox", { name: "Time" }).selectOption("hour");
    await expect(page).toHaveURL(/\?time=hour$/);
    await expect(count).toHaveText("2 pours");
    await page.getByRole("combobox", { name: "Time" }).selectOption("span");
    await page.getByLabel("From").fill("2020-01-01T00:00");
    await page.getByLabel("To", { exact: true }).fill("2020-01-02T00:00");
    await expect(page.getByText("No pour is like that.")).toBeVisible();
    await page.reload();
    await expect(page.getByLabel("From")).toHaveValue("2020-01-01T00:00");
    await host.button("Show all pours").click();
    await expect(host.pours.first()).toContainText("Ada");
  });

  test("a year is typed key by key, and nothing is taken away while it is", async ({ host }) => {
    const { page } = host;
    await host.open("/host/log?time=span&from=2020-01-01T00:00Z");
    await expect(host.pours.first()).toBeVisible();
    const from = page.getByLabel("From");
    const at = await from.inputValue();
    await from.focus();
    // Day, month, year: as this browser has it.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    const seen: string[] = [];
    for (const digit of "2099") {
      await page.keyboard.press(digit);
      seen.push(await from.inputValue());
    }
    const year = (text: string) => at.replace(/^\d{4}/, text);
    expect(seen).toEqual(["0002", "0020", "0209", "2099"].map(year));
    await expect(page.getByText("No pour is like that.")).toBeVisible();
    await expect(page).toHaveURL(/from=2099-/);
    await page.goBack();
    await expect(from).toHaveValue(at);
  });

  test("a person can be typed, and is offered by name", async ({ host }) => {
    await host.open("/host/log");
    await expect(host.pours.first()).toBeVisible();
    await expect(host.page.locator("datalist option[value='guest 7']")).toHaveCount(1);
    await host.page.getByRole("combobox", { name: "Person" }).fill("guest 7");
    await host.page.keyboard.press("Enter");
    await expect(host.page.locator("[data-part=count]")).toHaveText("8 pours");
  });

  test("a row opens its receipt, which has an address of its own", async ({ host, dispensers }) => {
    const { page } = host;
    await host.open("/host/log");
    const id = await host.order("gin", "Ada", 60);
    await expect(host.pours.first()).toContainText("Pouring");
    await host.button(/^Receipt: Ada/).click();
    await expect(page).toHaveURL(new RegExp(`\\?pour=${id}$`));
    await expect(host.sheet).toContainText("Pouring");
    await expect(host.sheet).toContainText("Written down, then sent");
    await expect.poll(async () => (await dispensers[0]?.truth())?.pump_on).toBe(true);
    await dispensers[0]?.liftGlass();
    await expect(host.sheet).toContainText("The glass was lifted");
    await expect(host.sheet).toContainText(/Delivered[\d.]+.ml ±/);
    await expect(host.sheet).toContainText("By its flow meter");
    await expect(host.sheet.getByRole("listitem")).toHaveCount(3);
    await page.goBack();
    await expect(host.sheet).toHaveCount(0);

    await host.open(`/host/log?pour=${id}`);
    await expect(host.sheet).toContainText("Ended early");
    for (const nobody of ["nobody", "%2F%2F"]) {
      await host.open(`/host/log?pour=${nobody}`);
      await expect(host.sheet).toContainText("There is no pour of this name.");
    }
    await host.button("Close").click();
    await expect(page).toHaveURL(/\/host\/log$/);
    await host
      .button(/^Receipt: guest/)
      .first()
      .click();
    await expect(host.sheet).toContainText("This row is from the original log");
  });

  test("the keyboard goes through the rows, and the focus is never lost", async ({ host }) => {
    const { keyboard } = host.page;
    await host.open("/host/log");
    await expect(host.pours.first()).toBeVisible();
    const focused = host.pours.filter({ has: host.page.locator(":focus") });
    await host.pours
      .first()
      .getByRole("button", { name: /^Receipt/ })
      .focus();
    for (let i = 0; i < 30; i += 1) await keyboard.press("ArrowDown");
    await expect(focused).toHaveAttribute("aria-posinset", "31");
    await expect(focused).toBeInViewport({ ratio: 1 });
    await keyboard.press("PageUp");
    await expect(focused).toHaveAttribute("aria-posinset", "23");
    await keyboard.press("Enter");
    await expect(host.sheet).toBeVisible();
    await keyboard.press("Escape");
    await expect(focused).toHaveAttribute("aria-posinset", "23");
    await keyboard.press("Home");
    await expect(focused).toHaveAttribute("aria-posinset", "1");
    // The end is that of what has been loaded.
    await expect(host.page.locator("[data-part=count]")).toHaveText("300 pours");
    await keyboard.press("End");
    await expect(focused).toHaveAttribute("aria-posinset", "300");
  });

  for (const colorScheme of ["dark", "light"] as const) {
    test.describe(`in the ${colorScheme}`, () => {
      test.use({ colorScheme, contextOptions: { reducedMotion: "reduce" } });

      test("axe finds nothing in the log", async ({ host, page }) => {
        const id = await host.pour("gin", "Ada", 5);
        await host.open("/host/log");
        await expect(host.pours.first()).toContainText("Ada");
        await expectNoFaults(host.page);
        await page.evaluate(() => window.scrollTo(0, 2000));
        await host.pour("gin", "Ada", 5);
        await expect(host.button(/1 new/)).toBeVisible();
        await expectNoFaults(host.page);
        await host.open(`/host/log?pour=${id}`);
        await expect(host.sheet).toContainText("Step by step");
        await expectNoFaults(host.page);
        await host.open("/host/log?time=span&from=2020-01-01T00:00Z&to=2019-01-01T00:00Z");
        await expect(page.getByText("“From” must come before “to”.")).toBeVisible();
        await expectNoFaults(host.page);
      });
    });
  }

  for (const width of [320, 360, 820, 1440]) {
    test(`everything fits at ${width} wide`, async ({ host, page }) => {
      await page.setViewportSize({ width, height: 700 });
      await host.open("/host/log");
      await expect(host.pours.first()).toBeVisible();
      expect(await host.layout()).toEqual({ small: [], sideways: 0 });
    });
  }

  test("rows grow with the letters, and nothing sticks out", async ({ host, page }) => {
    await page.setViewportSize({ width: 320, height: 700 });
    await host.open("/host/log");
    await expect(host.pours.first()).toBeVisible();
    await page.addStyleTag({ content: "html { font-size: 200% }" });
    const height = async () => (await host.pours.first().boundingBox())?.height;
    await expect.poll(height).toBeGreaterThan(90);
    expect((await host.layout()).sideways).toBe(0);
  });
});

test("an empty log says so, and a log that does not come can be asked for again", async ({
  host,
}) => {
  await host.open("/host/log");
  await expect(host.page.getByText("No pours yet.")).toBeVisible();
  let failing = true;
  await host.page.route(/\/api\/logs\?limit=100$/, (route) =>
    failing ? route.abort("connectionrefused") : route.continue(),
  );
  // Live before the log may come: a page that is back asks by itself.
  await host.open("/host/log");
  await expect(host.page.getByRole("alert")).toContainText("The log did not come.");
  failing = false;
  await host.button("Try again").click();
  await expect(host.page.getByText("No pours yet.")).toBeVisible();
});
