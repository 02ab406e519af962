/** What the display on the wall says. */
import { catalogue, inLanguage } from "@/lib/texts/speech";
import type { WallTexts } from "../../../../generated/texts";
import en from "./en.json";

export const wallTexts = catalogue<WallTexts>("wall", en, {
  de: () => import("./de.json"),
  pl: () => import("./pl.json"),
});

await inLanguage();
