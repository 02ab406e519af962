/** A party whose guests have badges, phones with cameras, and sometimes only plain http. */
import { writeFileSync } from "node:fs";
import { type BrowserContext, chromium as browserType, type Locator } from "@playwright/test";
import { chromium } from "../playwright.config";
import { type Guest, test as party, type Server } from "./party";
import { drawPicture, filmOf, pngOf, type Scene } from "./qr-picture";

interface Phone {
  /** What its camera sees; it has none without. */
  sees: Omit<Scene, "width" | "height"> | undefined;
  /** What the guest answers when the browser asks for the camera. */
  allows: boolean;
}

/** A host's name that no browser takes for this machine, so that its pages are plain http. */
const PLAIN_HOST = "party.local";

export const plainUrl = (server: Server): string => server.url.replace("127.0.0.1", PLAIN_HOST);

/** A phone of the test's own, with its own camera. */
export const test = party.extend<Phone & { context: BrowserContext }>({
  sees: [undefined, { option: true }],
  allows: [true, { option: true }],

  context: async ({ sees, allows, viewport, hasTouch, locale, colorScheme }, use, info) => {
    const args = [...chromium.args, `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`];
    args.push(`--use-fake-ui-for-media-stream${allows ? "" : "=deny"}`);
    if (sees) {
      const film = info.outputPath("camera.y4m");
      writeFileSync(film, filmOf(drawPicture({ ...sees, width: 1280, height: 720 })));
      args.push("--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`);
    }
    const browser = await browserType.launch({ ...chromium, args });
    const context = await browser.newContext({
      viewport,
      hasTouch: hasTouch ?? false,
      locale: locale ?? "en-GB",
      colorScheme: colorScheme ?? null,
    });
    try {
      await use(context);
    } finally {
      await browser.close();
    }
  },
});

/** A photo of a badge, as the phone's camera app hands it over. */
export const photoOf = (scene: Partial<Scene> & { text: string }) => ({
  name: "badge.png",
  mimeType: "image/png",
  buffer: pngOf(drawPicture({ width: 1200, height: 1600, side: 500, ...scene })),
});

export const photoButton = (guest: Guest): Locator => guest.page.getByLabel("Photo of your badge");

export const scanner = (guest: Guest): Locator =>
  guest.page.getByRole("dialog", { name: "Scan your badge" });

/** The name on the guest's own row. */
export const pouringAs = (guest: Guest, name: string): Locator =>
  guest.page
    .getByRole("region", { name: "Pour a drink" })
    .getByRole("strong")
    .getByText(name, { exact: true });
