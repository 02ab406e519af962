import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { isCatalogue, textCatalogues } from "./scripts/texts.mjs";

const server = process.env.POURTOCOL_URL ?? "http://127.0.0.1:5000";

type Graph = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

/**
 * All that the entry needs at once, as one file, and the words for it as one per language: a phone
 * on plain HTTP/1.1 asks for few files faster than for many. What is loaded later stays cut as it
 * comes.
 */
function neededAtOnce(): (id: string, graph: Graph) => string | undefined {
  const needed = new Set<string>();
  const collect = (id: string, graph: Graph) => {
    if (needed.has(id)) return;
    needed.add(id);
    for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) collect(imported, graph);
  };
  const entry = fileURLToPath(new URL("./src/main.tsx", import.meta.url));
  return (id, graph) => {
    if (needed.size === 0) collect(entry, graph);
    if (needed.has(id)) return "app";
    const spoken = isCatalogue(id) && needed.has(id.replace(/[a-z]+\.json$/, "index.ts"));
    return spoken ? `texts-${/([a-z]+)\.json$/.exec(id)?.[1]}` : undefined;
  };
}

export default defineConfig({
  plugins: [textCatalogues(), react(), tailwindcss()],
  resolve: {
    alias: {
      "@": fileURLToPath(new URL("./src", import.meta.url)),
      // What wouter brings along for older Reacts; ours has it.
      "use-sync-external-store/shim/index.js": "react",
    },
  },
  // The browser's Host is kept, so that its Origin is the server's own.
  server: { proxy: { "/api": { target: server, changeOrigin: false } } },
  build: {
    // The server's content policy allows no data: URLs but images, so fonts stay files.
    assetsInlineLimit: 0,
    target: ["chrome111", "firefox114", "safari16.4"],
    rollupOptions: { output: { manualChunks: neededAtOnce() } },
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
