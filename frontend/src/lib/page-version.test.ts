// @vitest-environment jsdom
import "@/test/browser";
import { HttpResponse, http } from "msw";
import { afterEach, describe, expect, it } from "vitest";
import { askPageState } from "@/lib/page-version";
import { server } from "@/test/server";

const page = (script: string) => `<!doctype html><script type="module" src="${script}"></script>`;
const serves = (status: number, script: string) =>
  server.use(http.get("*/", () => HttpResponse.html(page(script), { status })));

afterEach(() => document.head.replaceChildren());

describe("a page that has been open for days", () => {
  it.each([
    ["is what the server still serves", 200, "/assets/index-aaaaaaaa.js", "same"],
    ["has been replaced since", 200, "/assets/index-bbbbbbbb.js", "newer"],
    ["hears nothing it can rely on", 503, "/assets/index-bbbbbbbb.js", "unknown"],
  ])("%s", async (_what, status, script, state) => {
    document.head.innerHTML = page("/assets/index-aaaaaaaa.js");
    serves(status, script);
    expect(await askPageState(document)).toBe(state);
  });

  it("stays as it is when the server is away", async () => {
    document.head.innerHTML = page("/assets/index-aaaaaaaa.js");
    server.use(http.get("*/", () => HttpResponse.error()));
    expect(await askPageState(document)).toBe("unknown");
  });
});
