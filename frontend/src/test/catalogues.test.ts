import { describe, expect, it } from "vitest";
import { compileMessages, problemsOf, readCatalogues, typesOf } from "../../scripts/texts.mjs";

const english = { title: "Log", count: "{count, plural, one {# pour} other {# pours}}" };
const polish = {
  title: "Dziennik",
  count: "{count, plural, one {# porcja} few {# porcje} many {# porcji} other {# porcji}}",
};

const problems = (pl: object, en: object = english) =>
  [
    ...problemsOf({ folder: "texts", languages: new Map(Object.entries({ en, pl })) }, [
      "en",
      "pl",
    ]),
  ].join("\n");

describe("the catalogues", () => {
  it("say the same in every language", () => {
    const found = readCatalogues().flatMap((one) => [...problemsOf(one, ["en", "de", "pl"])]);
    expect(found).toEqual([]);
  });

  it.each([
    ["a message that is missing", { count: polish.count }, "title is missing"],
    ["one that is nobody's", { ...polish, tilte: "Dziennik" }, "tilte is nothing that en says"],
    ["one that is empty", { ...polish, title: " " }, "title is empty"],
    ["a value that is not given", { ...polish, title: "Dziennik {tap}" }, "takes {tap: text}"],
    ["a value that is left out", { ...polish, count: "porcje" }, "count takes {}"],
    [
      "the plural forms of another language",
      { ...polish, count: english.count },
      "lacks the plural form few, many",
    ],
  ])("are not built with %s", (_, pl, said) => {
    expect(problems(polish)).toBe("");
    expect(problems(pl)).toContain(said);
  });

  it("are not built with plural forms that the language does not have", () => {
    expect(problems(polish, polish)).toContain("has no plural form few, many");
  });

  it("are not built without a language that others have", () => {
    const languages = new Map([["en", english]]);
    expect([...problemsOf({ folder: "texts", languages }, ["en", "pl"])]).toEqual([
      "texts/pl.json is missing",
    ]);
  });

  it("become texts, and what is put together from values", () => {
    const { title, count } = compileMessages(english);
    expect(title).toBe("Log");
    expect(count).toEqual([["count", "plural", expect.anything()]]);
    const languages = new Map([["en", english]]);
    expect(typesOf([{ folder: "lib/texts/log", languages }])).toContain(
      "readonly count: (values: { count: number }) => string;",
    );
  });
});
