/** What the server says as its reason, in every language but the server's own. */
import { catalogue } from "@/lib/texts/speech";
import type { ReasonsTexts } from "../../../../generated/texts";

export const reasonTexts = catalogue<Partial<ReasonsTexts>>(
  "reasons",
  {},
  {
    de: () => import("./de.json"),
    pl: () => import("./pl.json"),
  },
);
