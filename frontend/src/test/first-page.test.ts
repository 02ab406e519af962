import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import configuration from "../../vite.config";

/** What a browser shows in which none of the page's scripts run. */
const html = readFileSync("index.html", "utf8");
const targets = configuration.build?.target as string[];

describe("a browser that cannot run the page", () => {
  it.each(["Chrome", "Firefox", "Safari"])("is told which %s could", (browser) => {
    const target = targets.find((name) => name.startsWith(browser.toLowerCase())) ?? "";
    const version = target.slice(browser.length);
    expect(version).toMatch(/^[\d.]+$/);
    // In English and in German.
    const said = html.replaceAll(/\s+/g, " ").split(`${browser} ${version}`);
    expect(said).toHaveLength(3);
  });

  it("has STOP ALL in English and in German", () => {
    const buttons = [...html.matchAll(/<button\s+type="submit"[^>]*>\s*([^<]*?)\s*<\/button>/g)];
    expect(buttons.map(([, words]) => words)).toEqual(["Stop all", "Alles stopp"]);
  });
});
