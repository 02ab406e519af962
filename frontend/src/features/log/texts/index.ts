/** What the whole log and its receipts say. */
import { catalogue, inLanguage } from "@/lib/texts/speech";
import type { LogTexts } from "../../../../generated/texts";
import en from "./en.json";

export const logTexts = catalogue<LogTexts>("log", en, {
  de: () => import("./de.json"),
  pl: () => import("./pl.json"),
});

await inLanguage();
