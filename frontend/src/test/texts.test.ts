import { afterEach, describe, expect, it, vi } from "vitest";
import { hostTexts } from "@/features/host/texts";
import { logTexts } from "@/features/log/texts";
import { formatVolume } from "@/lib/format";
import { reasonWords } from "@/lib/reason-words";
import { texts } from "@/lib/texts";
import {
  catalogue,
  currentLanguage,
  inLanguage,
  type Language,
  languages,
  speak,
  wantedLanguage,
  watchLanguage,
} from "@/lib/texts/speech";

afterEach(async () => {
  await speak("en");
});

describe("the language of the page", () => {
  it.each([
    [undefined, ["de-AT", "en"], "de"],
    [undefined, ["fr-FR", "de"], "de"],
    [undefined, ["pl-PL", "en"], "pl"],
    [undefined, ["fr-FR"], "en"],
    [undefined, [], "en"],
    ["en", ["de"], "en"],
    ["tlh", ["de"], "de"],
    ["constructor", [], "en"],
  ])("chosen %s on a phone that speaks %s: %s", (chosen, own, wanted) => {
    expect(wantedLanguage(chosen, own)).toBe(wanted);
  });

  it("changes all at once, and tells whoever draws", async () => {
    const told = vi.fn(() => [currentLanguage(), texts.settings, hostTexts.today]);
    const unwatch = watchLanguage(told);
    expect(await speak("pl")).toBe(true);
    unwatch();
    expect(told).toHaveReturnedWith(["pl", "Ustawienia", "Dzisiaj"]);
    await speak("de");
    expect(told).toHaveBeenCalledTimes(1);
    expect(texts.settings).toBe("Einstellungen");
  });

  it("stays what it was where a script does not come, and says a late view's words in English", async () => {
    let there = false;
    const script = async () => {
      if (!there) throw new TypeError("Failed to fetch dynamically imported module");
      return { default: { word: "słowo" } };
    };
    const late = catalogue<{ word: string }>(
      "late",
      { word: "word" },
      { de: async () => ({ default: { word: "Wort" } }), pl: script },
    );
    expect(await speak("pl")).toBe(false);
    expect([currentLanguage(), texts.settings]).toEqual(["en", "Settings"]);
    there = true;
    expect(await speak("pl")).toBe(true);
    expect(late.word).toBe("słowo");
  });

  it("is that of a view which is opened later", async () => {
    await speak("de");
    const late = catalogue<{ word: string }>(
      "later",
      { word: "word" },
      {
        de: async () => ({ default: { word: "Wort" } }),
        pl: async () => ({ default: { word: "słowo" } }),
      },
    );
    expect(late.word).toBe("word");
    await inLanguage();
    expect(late.word).toBe("Wort");
  });
});

describe("what is counted", () => {
  const counts = [1, 2, 5, 12, 22, 25] as const;

  it.each([
    ["en", ["1 pour", "2 pours", "5 pours", "12 pours", "22 pours", "25 pours"]],
    ["de", ["1 Glas", "2 Gläser", "5 Gläser", "12 Gläser", "22 Gläser", "25 Gläser"]],
    ["pl", ["1 porcja", "2 porcje", "5 porcji", "12 porcji", "22 porcje", "25 porcji"]],
  ] as const)("has the plural forms of %s", async (language, words) => {
    await speak(language);
    expect(counts.map((count) => hostTexts.pours({ count }))).toEqual(words);
    expect(counts.map((count) => logTexts.count({ count }))).toEqual(words);
  });

  it("agrees with an adjective in Polish, too", async () => {
    await speak("pl");
    const fresh = counts.map((count) => logTexts.fresh({ count }));
    expect(fresh).toEqual(["1 nowa", "2 nowe", "5 nowych", "12 nowych", "22 nowe", "25 nowych"]);
  });

  it("is grouped and pointed as the language does", async () => {
    const said = async (language: Language) => {
      await speak(language);
      return [hostTexts.pours({ count: 12_400 }), formatVolume(12_400)];
    };
    expect(await said("en")).toEqual(["12,400 pours", "12.40\u00a0l"]);
    expect(await said("de")).toEqual(["12.400 Gläser", "12,40\u00a0l"]);
    expect(await said("pl")).toEqual(["12\u00a0400 porcji", "12,40\u00a0l"]);
  });
});

describe("a code that is newer than this page", () => {
  it.each(Object.keys(languages) as Language[])(
    "is told with what the server says: %s",
    async (to) => {
      await speak(to);
      expect(reasonWords("too_warm", "It is too warm.")).toContain("It is too warm.");
      if (to !== "en") expect(reasonWords("too_warm", "It is too warm.")).toContain("too_warm");
      expect(reasonWords("constructor", "No.")).toContain("No.");
      expect(reasonWords("too_warm", "")).toBe("");
      expect(texts.newer({ code: "too_warm" })).toContain("too_warm");
    },
  );
});
