/** What the page says everywhere, in the language it speaks. */
import { catalogue } from "@/lib/texts/speech";
import type { Texts } from "../../../generated/texts";
import en from "./en.json";

export const texts = catalogue<Texts>("page", en, {
  de: () => import("./de.json"),
  pl: () => import("./pl.json"),
});
