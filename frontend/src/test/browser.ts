/**
 * What a test needs that runs in a browser's world and talks to a server. Import it for its effect.
 */
import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { queries } from "@/lib/queries";
import { server } from "@/test/server";

// A bound against hanging, as wide as that of a test: nothing is timed by it.
configure({ asyncUtilTimeout: 20_000 });

// jsdom has no media queries; a page that asks is told that nothing special is wished for.
window.matchMedia = (media) =>
  Object.assign(new EventTarget(), { matches: false, media }) as unknown as MediaQueryList;

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => {
  cleanup();
  queries.clear();
  server.resetHandlers();
  localStorage.clear();
});
afterAll(() => server.close());
