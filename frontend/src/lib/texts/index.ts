/**
 * The page's words in the language it speaks. English is always there; another language comes as a
 * script of its own before the page is first drawn, and a change of language loads the page anew.
 * So whoever draws reads `texts` as it is at that moment, and nobody keeps a copy from before.
 */
import { en } from "@/lib/texts/en";

export type Texts = typeof en;

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

export let texts: Texts = en;

const loaders: Record<Exclude<Language, "en">, () => Promise<Texts>> = {
  de: async () => (await import("@/lib/texts/de")).de,
};

const isLanguage = (name: string): name is Language => Object.hasOwn(languages, name);

/** The language to speak: the one chosen on this phone, else the first of its own that we know. */
export function wantedLanguage(chosen: string | undefined, own: readonly string[]): Language {
  const wished = chosen === undefined ? own : [chosen, ...own];
  for (const tag of wished) {
    const language = tag.split("-", 1)[0]?.toLowerCase() ?? "";
    if (isLanguage(language)) return language;
  }
  return "en";
}

/** Whether whoever uses a browser of those languages reads this one. */
export const isOwnLanguage = (language: Language, own: readonly string[]): boolean =>
  own.some((tag) => tag.split("-", 1)[0]?.toLowerCase() === language);

/** From now on the page speaks `language`; English if its script does not come. */
export async function speak(language: Language): Promise<void> {
  const loaded = language === "en" ? en : await loaders[language]().catch(() => en);
  texts = loaded;
}
