import { describe, expect, it } from "vitest";
import { bareTexts } from "@/test/bare-text";

const sources = import.meta.glob<string>(["../**/*.tsx", "!../**/*.test.tsx"], {
  query: "?raw",
  import: "default",
  eager: true,
});

describe("a page that the browser translates", () => {
  it("is made of many files", () => expect(Object.keys(sources).length).toBeGreaterThan(30));

  it.each(Object.entries(sources))("has no text beside an element in %s", (name, source) => {
    expect(bareTexts(name, source)).toEqual([]);
  });

  it.each([
    ["a word after a sign", "<p><Sign /> stopped</p>"],
    ["a word that comes and goes", "<p><Sign />{on && word}</p>"],
    ["one of two words", "<p><Sign />{on ? word : other}</p>"],
    ["two words", "<p>{amount} {unit}</p>"],
    ["a space beside what comes and goes", '<p><b>a</b>{" "}{on && <b>b</b>}</p>'],
    ["a space beside a sign that changes", '<p><Sign />{" "}<b>b</b></p>'],
    ["a space beside what is another one with another key", '<p><b key={one}>a</b>{" "}</p>'],
    ["a space in a fragment", '<><b>a</b>{" "}<b>b</b></>'],
    ["what others put in", "<p><Sign />{children}</p>"],
    ["a word in a fragment, which may stand anywhere", "<>{word}</>"],
    ["words from a list", "<p><Sign />{list.map((one) => one.name)}</p>"],
    ["words from a list, in a block", "<p><Sign />{list.map((one) => { return one.name; })}</p>"],
  ])("is not fooled by %s", (_, source) => {
    expect(bareTexts("x.tsx", `const x = ${source};`)).not.toEqual([]);
  });

  it.each([
    ["text alone", "<p>{word}</p>"],
    ["elements", "<p>\n  <Sign />\n  <span>{word}</span>\n</p>"],
    ["elements that come and go", "<p>{on && <Sign />}{on ? <b>{word}</b> : null}</p>"],
    ["a list of elements", "<p><Sign />{list.map((one) => <b key={one}>{one}</b>)}</p>"],
    ["a space between two elements that stay", '<p><b>{word}</b>{" "}<b>b</b></p>'],
    ["a remark", "<p>{/* why */}{word}</p>"],
  ])("is content with %s", (_, source) => {
    expect(bareTexts("x.tsx", `const x = ${source};`)).toEqual([]);
  });
});
