// Fails when the script a phone must load before it shows anything outgrows its budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budget_bytes = 110_000;
const folder = new URL("../dist/", import.meta.url);

const html = readFileSync(new URL("index.html", folder), "utf8");
const scripts = [...html.matchAll(/<(?:script|link)\b[^>]*>/g)]
  .map(([tag]) => tag)
  .filter((tag) => tag.startsWith("<script") || tag.includes("modulepreload"))
  .map((tag) => /(?:src|href)="([^"]+)"/.exec(tag)?.[1])
  .filter((path) => path !== undefined);
if (scripts.length === 0) {
  console.error("budget: dist/index.html names no script; build first");
  process.exit(1);
}

let total = 0;
for (const path of scripts) {
  const size = gzipSync(readFileSync(new URL(`.${path}`, folder)), { level: 9 }).length;
  console.log(`${(size / 1000).toFixed(1).padStart(7)} kB gz  ${path}`);
  total += size;
}
const verdict = total <= budget_bytes ? "within" : "OVER";
const total_kb = (total / 1000).toFixed(1).padStart(7);
console.log(
  `${total_kb} kB gz  initial script, ${verdict} the budget of ${budget_bytes / 1000} kB`,
);
process.exit(total <= budget_bytes ? 0 : 1);
