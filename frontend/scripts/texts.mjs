// The page's catalogues: a LANGUAGE.json in every folder "texts", a message per place, in ICU's
// notation. Read and judged here when the page is built: the browser gets them ready to be said.
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { compileMessage } from "@lingui/message-utils/compileMessage";

export const source = new URL("../src/", import.meta.url).pathname;

/** The language that every other one is held against. */
const FIRST = "en";

export const isCatalogue = (path) => /\/texts\/(?:[a-z-]+\/)?[a-z]{2}\.json$/.test(path);

/** Every catalogue: { folder, languages: Map(language → messages) }. */
export function readCatalogues(root = source) {
  const folders = new Map();
  for (const entry of readdirSync(root, { recursive: true }).sort()) {
    const path = join(root, entry);
    if (!isCatalogue(path)) continue;
    const folder = relative(root, dirname(path));
    const languages = folders.get(folder) ?? new Map();
    languages.set(basename(path, ".json"), JSON.parse(readFileSync(path, "utf8")));
    folders.set(folder, languages);
  }
  return [...folders].map(([folder, languages]) => ({ folder, languages }));
}

/** Each message with its place: "button.pour". */
export function placesOf(messages, prefix = "") {
  return Object.entries(messages).flatMap(([name, message]) =>
    typeof message === "string"
      ? [[prefix + name, message]]
      : placesOf(message, `${prefix}${name}.`),
  );
}

function compiled(message) {
  const tokens = compileMessage(message);
  return typeof tokens === "string" ? [tokens] : tokens;
}

/** As the browser gets it: a text as it stands, or what Lingui puts together from values. */
export function compileMessages(messages) {
  return Object.fromEntries(
    Object.entries(messages).map(([name, message]) => {
      if (typeof message !== "string") return [name, compileMessages(message)];
      const tokens = compiled(message);
      const [only] = tokens;
      return [name, tokens.length === 1 && typeof only === "string" ? only : tokens];
    }),
  );
}

/** The values that a message asks for: name → "number" for what is counted, else "text". */
export function valuesOf(message) {
  const values = new Map();
  for (const token of compiled(message)) {
    if (Array.isArray(token)) values.set(token[0], token[1] === undefined ? "text" : "number");
  }
  return values;
}

function* pluralProblems(message, language) {
  const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  for (const token of compiled(message)) {
    if (!Array.isArray(token) || token[1] !== "plural") continue;
    const { offset: _, ...forms } = token[2];
    const missing = wanted.filter((form) => !(form in forms));
    const strange = Object.keys(forms).filter((form) => !wanted.includes(form));
    if (missing.length > 0) yield `lacks the plural form ${missing.join(", ")}`;
    if (strange.length > 0) yield `has no plural form ${strange.join(", ")} in this language`;
  }
}

const signature = (message) =>
  [...valuesOf(message)]
    .map(([name, kind]) => `${name}: ${kind}`)
    .sort()
    .join(", ");

function* messageProblems(message, language, first) {
  if (message.trim() === "") yield "is empty";
  if (signature(message) !== signature(first))
    yield `takes {${signature(message)}}, and ${FIRST} {${signature(first)}}`;
  yield* pluralProblems(message, language);
}

/** One sentence per message that is missing, too many, or not as its language wants it. */
export function* problemsOf({ folder, languages }, wanted) {
  const firstName = languages.has(FIRST) ? FIRST : [...languages.keys()][0];
  const first = new Map(placesOf(languages.get(firstName)));
  for (const language of wanted) {
    const at = `${folder}/${language}.json`;
    // What the server says itself needs no catalogue in the server's language.
    if (!languages.has(language)) {
      if (language !== FIRST || !folder.endsWith("/reasons")) yield `${at} is missing`;
      continue;
    }
    const messages = new Map(placesOf(languages.get(language)));
    for (const place of first.keys()) if (!messages.has(place)) yield `${at}: ${place} is missing`;
    for (const [place, message] of messages) {
      const original = first.get(place);
      if (original === undefined) yield `${at}: ${place} is nothing that ${firstName} says`;
      else
        for (const problem of messageProblems(message, language, original))
          yield `${at}: ${place} ${problem}`;
    }
  }
}

function typeOf(message, indent) {
  if (typeof message !== "string") return interfaceBody(message, indent);
  const values = [...valuesOf(message)].map(
    ([name, kind]) => `${name}: ${kind === "number" ? "number" : "string"}`,
  );
  return values.length === 0 ? "string" : `(values: { ${values.join("; ")} }) => string`;
}

function interfaceBody(messages, indent) {
  const lines = Object.entries(messages).map(
    ([name, message]) => `${indent}  readonly ${name}: ${typeOf(message, `${indent}  `)};`,
  );
  return `{\n${lines.join("\n")}\n${indent}}`;
}

/** "features/host/texts" → "HostTexts", "lib/texts" → "Texts". */
function nameOf(folder) {
  const word = folder.split("/").filter((part) => !["lib", "features", "texts"].includes(part));
  return `${word.map((part) => part[0].toUpperCase() + part.slice(1)).join("")}Texts`;
}

/** TypeScript of what the catalogues hold: each place, and the values its message takes. */
export function typesOf(catalogues) {
  const parts = catalogues.map(({ folder, languages }) => {
    const messages = languages.get(FIRST) ?? [...languages.values()][0];
    return `export interface ${nameOf(folder)} ${interfaceBody(messages, "")}\n`;
  });
  return `// Written by scripts/text-types.mjs from the catalogues.\n\n${parts.join("\n")}`;
}

/** For Vite: a catalogue becomes what Lingui wants to have, long before a browser sees it. */
export function textCatalogues() {
  return {
    name: "text-catalogues",
    enforce: "pre",
    transform(code, id) {
      const [path] = id.split("?");
      if (!isCatalogue(path)) return undefined;
      return { code: JSON.stringify(compileMessages(JSON.parse(code))), map: null };
    },
  };
}
