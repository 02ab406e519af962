/** Who is pouring: the words for it. */
import { catalogue } from "@/lib/texts/speech";
import type { IdentityTexts } from "../../../../generated/texts";
import en from "./en.json";

export const identityTexts = catalogue<IdentityTexts>("identity", en, {
  de: () => import("./de.json"),
  pl: () => import("./pl.json"),
});
