import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.POURTOCOL_URL ?? "http://127.0.0.1:5000";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: { "/api": server } },
  build: {
    // The server's content policy allows no data: URLs but images, so fonts stay files.
    assetsInlineLimit: 0,
    target: ["chrome111", "firefox114", "safari16.4"],
  },
  // A worker that is a module may load others lazily, as the page does.
  worker: { format: "es" },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    // A bound against hanging, wide enough for a busy machine.
    testTimeout: 30_000,
  },
});
