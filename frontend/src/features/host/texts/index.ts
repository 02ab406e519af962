/** What the host's pages say. */
import { catalogue, inLanguage } from "@/lib/texts/speech";
import type { HostTexts } from "../../../../generated/texts";
import en from "./en.json";

export const hostTexts = catalogue<HostTexts>("host", en, {
  de: () => import("./de.json"),
  pl: () => import("./pl.json"),
});

await inLanguage();
