import { expectNoFaults } from "./axe";
import { photoButton, photoOf, plainUrl, pouringAs, scanner, test } from "./badge-party";
import { expect, type Guest, type Server } from "./party";

/** From now on tells of every camera the page was given whether it still has it. */
async function watchCameras({ page }: Guest): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    const tracks: MediaStreamTrack[] = [];
    Object.assign(window, { tracks });
    mediaDevices.getUserMedia = async (wish) => {
      const stream = await open(wish);
      tracks.push(...stream.getTracks());
      return stream;
    };
  });
  return () =>
    page.evaluate(() =>
      (window as unknown as { tracks: MediaStreamTrack[] }).tracks.map((track) => track.readyState),
    );
}

/** As when the guest looks at another app, or comes back. */
const lookAway = ({ page }: Guest, state: "hidden" | "visible") =>
  page.evaluate((now) => {
    Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);

const openBadge = (guest: Guest, server: Server, path: string) =>
  guest.page.goto(`${server.url}/b/${path}`);

test("the focus stays with who pours, whatever is pressed there", async ({ guest }) => {
  const { page } = guest;
  const { keyboard } = page;
  const who = page.locator("section [tabindex='-1']");
  const field = page.getByRole("textbox", { name: "Who is pouring?" });
  await field.fill("Ada");
  await keyboard.press("Enter");
  await expect(pouringAs(guest, "Ada")).toBeVisible();
  await expect(who).toBeFocused();
  await keyboard.press("Tab");
  await expect(guest.button("Change")).toBeFocused();

  await keyboard.press("Enter");
  await expect(field).toBeFocused();
  await keyboard.press("Escape");
  await expect(who).toBeFocused();

  await guest.button("Change").press("Enter");
  await guest.button("Forget").press("Enter");
  await expect(who).toBeFocused();
  await keyboard.press("Tab");
  await expect(field).toBeFocused();
});

test.describe("a badge's address", () => {
  test("says who pours, is gone from the address, and is remembered", async ({ guest, server }) => {
    await openBadge(guest, server, "Ada%20Lovelace");
    await expect(pouringAs(guest, "Ada Lovelace")).toBeVisible();
    await expect(guest.page).toHaveURL(`${server.url}/`);
    await guest.page.reload();
    await expect(pouringAs(guest, "Ada Lovelace")).toBeVisible();
    await guest.pour.click();
    await expect(guest.receipt).toContainText("ml poured");
    await expect(guest.log.first()).toContainText("Ada Lovelace");
  });

  for (const [path, name] of [
    ["Zo%C3%AB", "Zoë"],
    ["%F0%9F%A6%8A", "🦊"],
    ["crew%2F7", "crew/7"],
    ["crew/7", "crew/7"],
    ["ada.png", "ada.png"],
    ["../B/ADA", "ADA"],
  ] as const) {
    test(`/b/${path} is ${name}'s`, async ({ guest, server }) => {
      await openBadge(guest, server, path);
      await expect(pouringAs(guest, name)).toBeVisible();
      await expect(guest.pour).toBeEnabled();
    });
  }

  test("of somebody else says so, and can be undone", async ({ guest, server }) => {
    await guest.introduce("Bea");
    await openBadge(guest, server, "Ada");
    await expect(pouringAs(guest, "Ada")).toBeVisible();
    await expect(guest.page.getByText("No longer Bea", { exact: true })).toBeVisible();
    await expectNoFaults(guest.page);
    await guest.button("Undo").click();
    await expect(pouringAs(guest, "Bea")).toBeVisible();
    await expect(guest.button("Undo")).toHaveCount(0);
    await guest.page.reload();
    await expect(pouringAs(guest, "Bea")).toBeVisible();
  });

  for (const [path, sentence] of [
    ["x".repeat(129), "The code on that badge is too long."],
    ["a%01b", "That badge holds signs that cannot be written down."],
    ["%E2%28", "The code on that badge is damaged."],
    ["%20", "There is no name on that badge."],
  ] as const) {
    test(`/b/${path.slice(0, 12)} changes nothing and says why`, async ({ guest, server }) => {
      await guest.introduce("Bea");
      await openBadge(guest, server, path);
      await expect(guest.page.getByRole("alert")).toContainText(sentence);
      await expect(pouringAs(guest, "Bea")).toBeVisible();
      await expect(guest.page).toHaveURL(`${server.url}/`);
      await guest.button("OK").click();
      await expect(guest.page.getByRole("alert")).toHaveCount(0);
    });
  }

  test("tells the page that is open already in another tab", async ({ guest, server, context }) => {
    await guest.introduce("Bea");
    const tab = await context.newPage();
    await tab.goto(`${server.url}/b/Ada`);
    await expect(pouringAs(guest, "Ada")).toBeVisible();
  });

  test("opened in mid-pour leaves that pour alone", async ({ guest, server, dispenser }) => {
    await guest.introduce("Bea");
    await guest.choose(60);
    await guest.pourAndSeeItFill(60);
    await openBadge(guest, server, "Ada");
    await expect(guest.receipt).toContainText("Asked for 60 ml.");
    await expect(guest.log).toHaveCount(1);
    await expect(guest.log.first()).toContainText("Bea");
    await expect(pouringAs(guest, "Ada")).toBeVisible();
    expect((await dispenser.truth()).episodes).toHaveLength(1);
  });
});

test.describe("by typing", () => {
  test("a name is taken, changed and forgotten", async ({ guest }) => {
    await guest.introduce("Ada");
    await guest.button("Change").click();
    await guest.introduce("Bea");
    await guest.button("Change").click();
    await guest.button("Cancel").click();
    await expect(pouringAs(guest, "Bea")).toBeVisible();
    await guest.button("Change").click();
    await guest.button("Forget me").click();
    await expect(guest.button("Say who is pouring")).toBeVisible();
    await guest.page.reload();
    await expect(guest.button("Say who is pouring")).toBeVisible();
    await expect(guest.page.getByText("Pouring as")).toHaveCount(0);
  });

  test("a name that the log cannot hold is not taken", async ({ guest }) => {
    const input = guest.page.getByRole("textbox", { name: "Who is pouring?" });
    await input.fill("ë".repeat(65));
    await expect(guest.page.getByRole("alert")).toContainText("That name is too long.");
    await expect(guest.button("Save")).toBeDisabled();
    await input.press("Enter");
    await expect(guest.button("Say who is pouring")).toBeVisible();
  });

  test("the name cannot be changed under a running pour", async ({ guest }) => {
    await guest.introduce("Ada");
    await guest.choose(60);
    await guest.pourAndSeeItFill(60);
    await expect(guest.button("Change")).toBeDisabled();
    await expect(pouringAs(guest, "Ada")).toBeVisible();
    await expect(guest.receipt).toBeVisible();
    await expect(guest.button("Change")).toBeEnabled();
  });
});

test.describe("on plain http, by a photo", () => {
  test.beforeEach(async ({ guest, server }) => {
    await guest.page.goto(plainUrl(server));
    await expect(guest.page.getByText("Live", { exact: true })).toBeVisible();
    expect(await guest.page.evaluate(() => window.isSecureContext)).toBe(false);
  });

  test("a badge is read, by our own files only", async ({ guest, server, context }) => {
    const asked: { url: string; coding: string | undefined }[] = [];
    context.on("response", (response) => {
      asked.push({ url: response.url(), coding: response.headers()["content-encoding"] });
    });
    const ours = ({ url }: { url: string }) =>
      url.startsWith(`${plainUrl(server)}/`) || url.startsWith(`blob:${plainUrl(server)}/`);
    const decoder = () => asked.filter(({ url }) => /worker|wasm/.test(url));

    await guest.page.reload();
    await expect(photoButton(guest)).toBeVisible();
    await expect(guest.page.getByText("point your phone's camera at it")).toBeVisible();
    await expectNoFaults(guest.page);
    expect(decoder(), "nothing of the scanner before it is wanted").toEqual([]);

    await photoButton(guest).setInputFiles(photoOf({ text: `${server.url}/b/Zo%C3%AB` }));
    await expect(pouringAs(guest, "Zoë")).toBeVisible();
    await expect(scanner(guest)).toHaveCount(0);
    expect(asked.filter((answer) => !ours(answer))).toEqual([]);
    expect(decoder().map(({ url }) => url.replace(/.*\/(.*)-[\w-]{8}/, "$1"))).toEqual([
      "qr-worker.js",
      "zxing_reader.wasm",
    ]);
    for (const { coding } of decoder()) expect(coding).toMatch(/^(br|gzip)$/);
  });

  for (const [how, scene] of [
    ["of twelve megapixels with a small code", { width: 3024, height: 4032, side: 420 }],
    ["turned and from the side", { turned_deg: 100, averted_deg: 35 }],
    ["in the dark", { black: 18, white: 52, grain: 8 }],
    ["of a bare token", { text: "04A2247C9F6180" }],
  ] as const) {
    test(`a photo ${how} is read`, async ({ guest }) => {
      const text = "text" in scene ? scene.text : "http://pourtocol.local:5000/b/Ada";
      await photoButton(guest).setInputFiles(photoOf({ ...scene, text }));
      await expect(pouringAs(guest, "text" in scene ? scene.text : "Ada")).toBeVisible();
    });
  }

  test("a photo without a code is said to be so, and another may be taken", async ({ guest }) => {
    const blank = photoOf({ text: "Ada", side: 2 });
    await photoButton(guest).setInputFiles(blank);
    await expect(scanner(guest).getByRole("alert")).toContainText("No code found.");
    await expectNoFaults(guest.page);
    await scanner(guest)
      .getByLabel("Take another photo")
      .setInputFiles(photoOf({ text: "Ada" }));
    await expect(pouringAs(guest, "Ada")).toBeVisible();
  });

  for (const [text, sentence] of [
    ["WIFI:S:party;T:WPA;P:secret;;", "That is not a badge."],
    ["https://example.com/menu", "That is not a badge."],
    ["https://example.com/b/%zz", "The code on that badge is damaged."],
    ["https://example.com/tap/elsewhere", "There is no tap called elsewhere here."],
  ] as const) {
    test(`${text} is refused`, async ({ guest }) => {
      await photoButton(guest).setInputFiles(photoOf({ text }));
      await expect(scanner(guest).getByRole("alert")).toContainText(sentence);
      await guest.button("Close the scanner").click();
      await expect(guest.button("Say who is pouring")).toBeVisible();
    });
  }

  test.describe("with two taps", () => {
    test.use({ taps: { gin: [], rum: [] } });

    test("a tap's sticker goes to that tap", async ({ guest }) => {
      const rum = guest.page.getByRole("radio", { name: /rum/ });
      await expect(rum).not.toBeChecked();
      await photoButton(guest).setInputFiles(photoOf({ text: "http://192.168.1.2/tap/rum" }));
      await expect(rum).toBeChecked();
      await expect(guest.button("Say who is pouring")).toBeVisible();
    });
  });
});

test.describe("by the live camera", () => {
  const text = "http://192.168.4.1:5000/b/Ada";

  for (const [how, sees] of [
    ["large", { text, side: 640 }],
    ["small", { text, side: 170 }],
    ["tilted", { text, side: 420, turned_deg: 28, averted_deg: 40 }],
    ["dim", { text, side: 420, black: 16, white: 46, grain: 6 }],
  ] as const) {
    test.describe(`a ${how} code`, () => {
      test.use({ sees });

      test("is read, and the camera is given back", async ({ guest }) => {
        expect(await guest.page.evaluate(() => window.isSecureContext)).toBe(true);
        const cameras = await watchCameras(guest);
        await guest.button("Scan your badge").click();
        await expect(pouringAs(guest, "Ada")).toBeVisible();
        await expect(scanner(guest)).toHaveCount(0);
        expect(await cameras()).toEqual(["ended"]);
      });
    });
  }

  test.describe("a code that is no badge", () => {
    test.use({ sees: { text: "WIFI:S:party;T:WPA;P:secret;;", side: 400 } });

    test("is refused while the camera looks on", async ({ guest }) => {
      await guest.button("Scan your badge").click();
      await expect(scanner(guest).getByRole("alert")).toContainText("That is not a badge.");
      await expectNoFaults(guest.page);
      await guest.page.keyboard.press("Escape");
      await expect(scanner(guest)).toHaveCount(0);
      await expect(guest.button("Scan your badge")).toBeFocused();
    });
  });

  test.describe("in the pocket", () => {
    test.use({ sees: { text: "nothing", side: 3 } });

    test("the camera is given back, and asked for again", async ({ guest }) => {
      const cameras = await watchCameras(guest);
      const looking = scanner(guest).getByText("Hold your badge's code in the frame.");
      await guest.button("Scan your badge").click();
      await expect(looking).toBeVisible();
      await lookAway(guest, "hidden");
      expect(await cameras()).toEqual(["ended"]);
      await lookAway(guest, "visible");
      await expect.poll(cameras).toEqual(["ended", "live"]);
      await expect(looking).toBeVisible();
      await guest.button("Close the scanner").click();
      expect(await cameras()).toEqual(["ended", "ended"]);
    });
  });

  test.describe("not allowed", () => {
    test.use({ sees: { text, side: 400 }, allows: false });

    test("is explained, and a photo does it", async ({ guest }) => {
      await guest.button("Scan your badge").click();
      const alert = scanner(guest).getByRole("alert");
      await expect(alert).toContainText("The camera is not allowed here.");
      await expectNoFaults(guest.page);
      await scanner(guest).getByLabel("Take a photo").setInputFiles(photoOf({ text }));
      await expect(pouringAs(guest, "Ada")).toBeVisible();
    });
  });

  test("where there is no camera, that is explained", async ({ guest }) => {
    await guest.button("Scan your badge").click();
    await expect(scanner(guest).getByRole("alert")).toContainText("No camera was found.");
    await guest.button("Type instead").click();
    await guest.introduce("Ada");
  });
});

test("a large text size hides none of the ways", async ({ guest }) => {
  await guest.page.addStyleTag({ content: "html { font-size: 200% }" });
  const sideways = () =>
    guest.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
  const input = guest.page.getByRole("textbox", { name: "Who is pouring?" });
  expect((await input.boundingBox())?.width).toBeGreaterThan(200);
  expect(await sideways()).toBe(0);
  await guest.introduce("Ada");
  await guest.button("Change").click();
  expect((await input.boundingBox())?.width).toBeGreaterThan(200);
  expect(await sideways()).toBe(0);
  await expect(guest.button("Scan your badge")).toBeVisible();
});

test.describe("by the tag on the machine's reader", () => {
  const tag = "04A2247C9F6180";
  const offer = (guest: Guest) => guest.button(`Pour as tag ${tag}`);

  test("one press pours as it", async ({ guest, dispenser }) => {
    await expect(offer(guest)).toHaveCount(0);
    await dispenser.layTag(tag);
    await expect(offer(guest)).toBeVisible();
    await expectNoFaults(guest.page);
    await offer(guest).click();
    await expect(pouringAs(guest, tag)).toBeVisible();
    await expect(offer(guest)).toHaveCount(0);
    await guest.pour.click();
    await expect(guest.receipt).toContainText("ml poured");
    await expect(guest.log.first()).toContainText(tag);
  });

  test("takes the place of somebody until that is undone", async ({ guest, dispenser }) => {
    await guest.introduce("Bea");
    await dispenser.layTag(tag);
    await offer(guest).click();
    await expect(guest.page.getByText("No longer Bea", { exact: true })).toBeVisible();
    await guest.button("Undo").click();
    await expect(pouringAs(guest, "Bea")).toBeVisible();
    await expect(offer(guest)).toBeVisible();
  });

  test("goes when it is lifted, and is asked about anew", async ({ guest, dispenser }) => {
    await dispenser.layTag(tag);
    await expect(offer(guest)).toBeVisible();
    await dispenser.layTag(null);
    await expect(offer(guest)).toHaveCount(0);
    await dispenser.layTag(tag);
    await guest.button("Not with this tag").click();
    await expect(offer(guest)).toHaveCount(0);
    await dispenser.layTag("0499");
    await expect(guest.button("Pour as tag 0499")).toBeVisible();
    await dispenser.layTag(tag);
    await expect(offer(guest)).toBeVisible();
  });

  test("does not disturb a running pour", async ({ guest, dispenser }) => {
    await guest.introduce("Bea");
    await guest.choose(60);
    await guest.pourAndSeeItFill(60);
    await dispenser.layTag(tag);
    await expect(guest.receipt).toContainText("Asked for 60 ml.");
    await expect(offer(guest)).toBeVisible();
    await expect(pouringAs(guest, "Bea")).toBeVisible();
    await expect(guest.log.first()).toContainText("Bea");
    expect((await dispenser.truth()).episodes).toHaveLength(1);
  });
});
