// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { holdPage, pageIsIdle, watchPresses } from "@/lib/page-idle";

watchPresses(document);
let now = 1e9;
const idle = () => pageIsIdle(document, now);

beforeEach(() => {
  now += 1e9;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  document.body.innerHTML = '<button></button><input type="radio" value="30"><input id="name">';
});
afterEach(() => {
  document.body.innerHTML = "";
});

const field = () => document.querySelector<HTMLInputElement>("#name") as HTMLInputElement;
function type(text: string): void {
  field().value = text;
  field().dispatchEvent(new Event("input", { bubbles: true }));
}

it("has nothing to lose when nobody does anything", () => expect(idle()).toBe(true));

it("is kept while somebody holds it", () => {
  const order = holdPage();
  const stop = holdPage();
  order();
  expect(idle()).toBe(false);
  stop();
  expect(idle()).toBe(true);
});

it("is kept while a sheet is open", () => {
  document.body.insertAdjacentHTML("beforeend", '<div role="dialog"></div>');
  expect(idle()).toBe(false);
});

it("is kept for a while after a press", () => {
  document.querySelector("button")?.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  now += 9_000;
  expect(idle()).toBe(false);
  now += 1_000;
  expect(idle()).toBe(true);
});

it("is kept while text stands in a field, but not for ever", () => {
  type("Ada");
  now += 500_000;
  expect(idle()).toBe(false);
  type("");
  expect(idle()).toBe(true);
  type("Ada");
  now += 600_000;
  expect(idle()).toBe(true);
});

it("is not kept by a figure that nobody has typed", () => {
  field().value = "20";
  expect(idle()).toBe(true);
});
