// Judges the catalogues (npm run texts), and writes the types of what they hold. Fails where a
// language lacks a message, says one that no other does, or has not all of its plural forms.
import { mkdirSync, writeFileSync } from "node:fs";
import { problemsOf, readCatalogues, typesOf } from "./texts.mjs";

const catalogues = readCatalogues();
const languages = new Set(catalogues.flatMap(({ languages }) => [...languages.keys()]));
const problems = catalogues.flatMap((catalogue) => [...problemsOf(catalogue, languages)]);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
const generated = new URL("../generated/", import.meta.url);
mkdirSync(generated, { recursive: true });
writeFileSync(new URL("texts.ts", generated), typesOf(catalogues));
