import { expect, Guest, test } from "./party";

test("a new guest pours, watches it fill, and finds it in the log", async ({
  guest,
  dispenser,
}) => {
  await expect(guest.button("Say who is pouring")).toBeDisabled();
  await guest.introduce("Ada");
  const started = guest.log.getByText("Pouring").waitFor();
  await guest.pourAndSeeItFill(30);
  await started;
  await expect(guest.receipt).toContainText("ml poured");
  await expect(guest.receipt).toContainText("Asked for 30 ml.");
  await expect(guest.log).toHaveCount(1);
  await expect(guest.log.first()).toContainText("Ada");
  await expect(guest.log.first()).toContainText("Poured");

  const { episodes, pump_on } = await dispenser.truth();
  expect(episodes).toHaveLength(1);
  expect(pump_on).toBe(false);
});

test("the glass on the screen is never fuller than the machine has said", async ({ guest }) => {
  await guest.introduce("Ada");
  await guest.page.evaluate(() => {
    // Each frame of the pour: what is drawn, as a share of the way to the line, and what was said.
    const frames: { drawn: number; said: number }[] = [];
    Object.assign(window, { frames });
    const yOf = (part: string) => {
      const element = document.querySelector(`[data-part=${part}]`);
      return element ? new DOMMatrix(getComputedStyle(element).transform).f : undefined;
    };
    let emptyY: number | undefined;
    const look = () => {
      const glass = document.querySelector("[role=progressbar]");
      const liquid = yOf("liquid");
      const line = yOf("line");
      if (!glass) emptyY = liquid;
      else if (liquid !== undefined && line !== undefined && emptyY !== undefined) {
        frames.push({
          drawn: (emptyY - liquid) / (emptyY - line),
          said: Number(glass.getAttribute("aria-valuenow")) / 30,
        });
      }
      requestAnimationFrame(look);
    };
    look();
  });
  await guest.pourAndSeeItFill(30);
  await expect(guest.receipt).toBeVisible();
  const frames = await guest.page.evaluate(
    () => (window as unknown as { frames: { drawn: number; said: number }[] }).frames,
  );
  expect(frames.filter(({ drawn }) => drawn > 0).length).toBeGreaterThan(5);
  expect(frames.filter(({ drawn, said }) => drawn > said + 0.001)).toEqual([]);
});

test("a glass lifted in mid-pour stops it, and the log says how much came", async ({
  guest,
  dispenser,
}) => {
  await guest.introduce("Ada");
  await guest.choose(60);
  await guest.pourAndSeeItFill(60);
  await dispenser.liftGlass();
  await expect(guest.receipt).toContainText(/[\d.]+ of 60 ml poured/);
  await expect(guest.receipt).toContainText("The glass was lifted");
  await expect(guest.button("Place a glass")).toBeDisabled();
  await expect(guest.log.first()).toContainText("Partial");
  await expect(guest.log.first()).toContainText(/[\d.]+ of 60 ml/);

  const { episodes, pump_on } = await dispenser.truth();
  expect(pump_on).toBe(false);
  expect(episodes).toHaveLength(1);
  expect(episodes[0]?.ml).toBeLessThan(60);
});

test("STOP ends the pour and the receipt says so", async ({ guest, dispenser }) => {
  await guest.introduce("Ada");
  await guest.choose(60);
  await guest.pourAndSeeItFill(60);
  await guest.stop.click();
  await expect(guest.receipt).toContainText(/[\d.]+ of 60 ml poured/);
  await expect(guest.receipt).toContainText("It was stopped.");
  await expect(guest.log.first()).toContainText("Partial");
  expect((await dispenser.truth()).pump_on).toBe(false);
  await expect(guest.pour).toBeEnabled();
});

test("a double tap pours once", async ({ guest, dispenser }) => {
  await guest.introduce("Ada");
  await guest.choose(10);
  await guest.pour.dblclick();
  await expect(guest.receipt).toContainText("ml poured");
  await expect(guest.receipt).toContainText("Asked for 10 ml.");
  expect((await dispenser.truth()).episodes).toHaveLength(1);
});

test("a reload in mid-pour keeps the pour in sight", async ({ guest, dispenser }) => {
  await guest.introduce("Ada");
  await guest.choose(60);
  await guest.pourAndSeeItFill(60);
  await guest.page.reload();
  await expect(guest.stop.or(guest.receipt)).toBeVisible();
  await expect(guest.receipt).toContainText("Asked for 60 ml.");
  await expect(guest.log).toHaveCount(1);
  expect((await dispenser.truth()).episodes).toHaveLength(1);
});

test("somebody else's pour is seen, and cannot be poured over", async ({
  guest,
  server,
  browser,
  dispenser,
}) => {
  const other = new Guest(await browser.newPage());
  await other.open(server);
  const blocked = other.button("Pouring for someone else").waitFor();
  const glass = other.glass.waitFor();
  await guest.introduce("Ada");
  await guest.choose(60);
  await guest.pour.click();
  await blocked;
  await glass;
  await expect(guest.receipt).toContainText("ml poured");
  await expect(other.button("Say who is pouring")).toBeVisible();
  await expect(other.log).toHaveCount(1);
  await other.page.context().close();
  expect((await dispenser.truth()).episodes).toHaveLength(1);
});

test("two phones race for one tap: one pours, the other is told", async ({
  guest,
  server,
  browser,
  dispenser,
}) => {
  const other = new Guest(await browser.newPage());
  await other.open(server);
  await guest.introduce("Ada");
  await other.introduce("Grace");
  // The button has another name as soon as the other one has pressed: it is found before.
  for (const phone of [guest, other]) await phone.pour.focus();
  await Promise.all([guest, other].map((phone) => phone.page.keyboard.press("Enter")));

  const receipts = async () => {
    const poured = [guest, other].map((phone) => phone.receipt.getByText(/ml poured/).count());
    return (await Promise.all(poured)).reduce((sum, count) => sum + count);
  };
  await expect.poll(receipts).toBe(1);
  expect((await dispenser.truth()).episodes).toHaveLength(1);
  await expect(guest.log.getByText("Poured", { exact: true })).toHaveCount(1);
  expect(await receipts()).toBe(1);
  await other.page.context().close();
});

test("only whole amounts from 1 to 60 ml can be poured", async ({ guest, dispenser }) => {
  await guest.introduce("Ada");
  for (const [typed, said] of [
    ["61", "60 ml is the most for one pour."],
    ["0", "1 ml is the least."],
    ["-1", "1 ml is the least."],
    ["abc", "Whole millilitres only, 1 to 60."],
    ["2.5", "Whole millilitres only, 1 to 60."],
    ["", "Enter 1 to 60 ml."],
  ] as const) {
    await guest.choose(typed);
    await expect(guest.page.getByText(said)).toBeVisible();
    await expect(guest.button("Choose 1 to 60 ml")).toBeDisabled();
  }
  await guest.choose(60);
  await expect(guest.pour).toBeEnabled();
  await expect(guest.button("1 ml more")).toBeDisabled();
  await guest.button("1 ml less").click();
  await expect(guest.button(/pour 59 ml/i)).toBeEnabled();
  expect((await dispenser.truth()).episodes).toHaveLength(0);
});

test.describe("with two taps, one of them a machine of the original contract", () => {
  test.use({ taps: { gin: ["--no-glass"], rum: ["--protocol", "1"] } });

  test("the button says what the chosen tap needs", async ({ guest, dispenser }) => {
    await guest.introduce("Ada");
    await expect(guest.button("Place a glass")).toBeDisabled();
    await dispenser.placeGlass();
    await expect(guest.pour).toBeEnabled();
    await dispenser.cutPower();
    await expect(guest.button("Machine offline")).toBeDisabled();
    await guest.page.getByRole("radio", { name: /rum/ }).click();
    await expect(guest.pour).toBeEnabled();
  });

  test("a machine that does not measure is poured from honestly", async ({ guest, dispensers }) => {
    await guest.introduce("Ada");
    await guest.page.getByRole("radio", { name: /rum/ }).click();
    await guest.choose(60);
    await guest.pour.click();
    await expect(guest.page.getByText("This machine does not say how far it is.")).toBeVisible();
    await expect(guest.glass).not.toHaveAttribute("aria-valuenow");
    await expect(guest.receipt).toContainText("60 ml poured");
    await expect(guest.receipt).toContainText("This machine does not measure what it pours.");
    await expect(guest.log.first()).toContainText("rum");
    expect((await dispensers[1]?.truth())?.episodes).toHaveLength(1);
  });
});
