import { afterEach, describe, expect, it } from "vitest";
import { type Language, languages, speak, texts, wantedLanguage } from "@/lib/texts";
import { en } from "@/lib/texts/en";
import { de as viewsDe } from "@/lib/texts/views/de";
import { en as viewsEn } from "@/lib/texts/views/en";

afterEach(() => speak("en"));

/** The place of every word: "button.pour". */
function places(words: object, prefix = ""): string[] {
  return Object.entries(words).flatMap(([name, word]) =>
    typeof word === "object" && word !== null
      ? places(word, `${prefix}${name}.`)
      : [`${prefix}${name}: ${typeof word}`],
  );
}

describe("the language of the page", () => {
  it.each([
    [undefined, ["de-AT", "en"], "de"],
    [undefined, ["fr-FR", "de"], "de"],
    [undefined, ["fr-FR"], "en"],
    [undefined, [], "en"],
    ["en", ["de"], "en"],
    ["tlh", ["de"], "de"],
    ["constructor", [], "en"],
  ])("chosen %s on a phone that speaks %s: %s", (chosen, own, wanted) => {
    expect(wantedLanguage(chosen, own)).toBe(wanted);
  });

  it("has the same words for the views that come later", () => {
    expect(places(viewsDe).sort()).toEqual(places(viewsEn).sort());
  });

  it.each(Object.keys(languages) as Language[])(
    "%s says everything that English says",
    async (to) => {
      await speak(to);
      expect(texts.locale).toBe(to);
      expect(places(texts).sort()).toEqual(places(en).sort());
    },
  );
});
