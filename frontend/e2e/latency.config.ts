import { defineConfig } from "@playwright/test";
import base from "../playwright.config";

/** `npm run latency`: how soon every open page shows what happens at the machine. */
export default defineConfig(base, {
  testDir: ".",
  testMatch: "latency.ts",
  workers: 1,
  timeout: 900_000,
});
