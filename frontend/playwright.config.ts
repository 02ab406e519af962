import { defineConfig } from "@playwright/test";

/** Debian's own browser: nothing is downloaded. */
export const chromium = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export default defineConfig({
  testDir: "e2e",
  fullyParallel: true,
  workers: 2,
  // Bounds against hanging, wide enough for a busy machine with two cores. Nothing is timed by
  // them.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  reporter: "list",
  use: {
    launchOptions: chromium,
    viewport: { width: 360, height: 640 },
    hasTouch: true,
    locale: "en-GB",
    trace: "retain-on-failure",
  },
});
