import { expect, it } from "vitest";

const sources = import.meta.glob<string>(["../**/*.tsx", "!../**/*.test.tsx"], {
  query: "?raw",
  import: "default",
  eager: true,
});

// What React's own `memo` keeps would go on speaking the language of before.
it.each(Object.entries(sources))("%s keeps nothing drawn in another language", (name, source) => {
  if (!name.endsWith("/drawn-alone.tsx")) expect(source).not.toMatch(/\bmemo\b/);
});
