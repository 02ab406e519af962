import { defineConfig } from "@playwright/test";
import base from "../playwright.config";

/**
 * `npm run screenshots`: every state of the page, at four sizes, in both themes, to be looked at.
 */
export default defineConfig(base, { testDir: ".", testMatch: "screenshots.ts", workers: 1 });
