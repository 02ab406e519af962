/** What the settings say. */
import { catalogue, inLanguage } from "@/lib/texts/speech";
import type { SettingsTexts } from "../../../../generated/texts";
import en from "./en.json";

export const settingsTexts = catalogue<SettingsTexts>("settings", en, {
  de: () => import("./de.json"),
  pl: () => import("./pl.json"),
});

await inLanguage();
