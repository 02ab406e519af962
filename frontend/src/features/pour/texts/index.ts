/** What the guest reads around a pour. */
import { catalogue } from "@/lib/texts/speech";
import type { PourTexts } from "../../../../generated/texts";
import en from "./en.json";

export const pourTexts = catalogue<PourTexts>("pour", en, {
  de: () => import("./de.json"),
  pl: () => import("./pl.json"),
});
