import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** axe's judgement of what the page shows now: whatever it finds stands in the test's report. */
export async function expectNoFaults(page: Page): Promise<void> {
  // Colours are judged as they are, and not in the middle of a fade.
  await page.emulateMedia({ reducedMotion: "reduce" });
  const { violations } = await new AxeBuilder({ page }).analyze();
  // axe gathers what it found in a page of its own; while Chromium takes that for the one in front,
  // this one draws no frames, and what waits for a frame (a scroll) never comes.
  await page.bringToFront();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html)}`)).toEqual([]);
}
