/**
 * The words of the views that come when they are first opened, in the language the page speaks. To
 * be imported by such views alone: a guest's phone shows its first screen without them.
 */
import { type Language, texts } from "@/lib/texts";
import { en } from "@/lib/texts/views/en";

export type ViewTexts = typeof en;

const loaders: Record<Exclude<Language, "en">, () => Promise<ViewTexts>> = {
  de: async () => (await import("@/lib/texts/views/de")).de,
};

const language = texts.locale as Language;

export const viewTexts: ViewTexts =
  language === "en" ? en : await loaders[language]().catch(() => en);
