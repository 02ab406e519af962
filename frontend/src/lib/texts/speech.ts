/**
 * The language that the page speaks, and the catalogues it is spoken from. English is always there;
 * another language comes as a script of its own, for each catalogue that is open. Lingui puts the
 * messages together, by the plural rules of the language. Pure of React: `useLanguage` draws anew.
 */
import { type Messages, setupI18n } from "@lingui/core";

export const languages = { en: "English", de: "Deutsch", pl: "Polski" } as const;
export type Language = keyof typeof languages;

/** A catalogue as the build leaves it (scripts/texts.mjs): texts, and what takes values. */
type Message = Messages[string];
interface Compiled {
  readonly [name: string]: Message | Compiled;
}
type Script = { default: object };
type Scripts = Record<Exclude<Language, "en">, () => Promise<Script>>;

interface Book {
  name: string;
  english: object;
  scripts: Scripts;
  /** What its readers hold; filled anew when the language changes. */
  texts: object;
  language: Language;
}

const i18n = setupI18n();
i18n.load("en", {});
i18n.activate("en");
const books: Book[] = [];
const listeners = new Set<() => void>();
let spoken: Language = "en";
/** Grows with each wish to speak another language: an earlier one no longer counts. */
let wishes = 0;

const isLanguage = (name: string): name is Language => Object.hasOwn(languages, name);
const languageOf = (tag: string): string => tag.split("-", 1)[0]?.toLowerCase() ?? "";

/** The language to speak: the one chosen on this phone, else the first of its own that we know. */
export function wantedLanguage(chosen: string | undefined, own: readonly string[]): Language {
  const wished = chosen === undefined ? own : [chosen, ...own];
  return wished.map(languageOf).find(isLanguage) ?? "en";
}

/** Whether whoever uses a browser of those languages reads this one. */
export const isOwnLanguage = (language: Language, own: readonly string[]): boolean =>
  own.some((tag) => languageOf(tag) === language);

export const currentLanguage = (): Language => spoken;

/** Tells when the page speaks another language. */
export function watchLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What is read in code: a text, or a function of the values that a message takes. */
function readable(compiled: Compiled, place: string, messages: Messages): object {
  const texts = Object.entries(compiled).map(([name, message]) => {
    const id = `${place}.${name}`;
    if (typeof message === "string") return [name, message];
    if (!Array.isArray(message)) return [name, readable(message as Compiled, id, messages)];
    messages[id] = message;
    return [name, (values: Record<string, unknown>) => i18n._(id, values)];
  });
  return Object.fromEntries(texts);
}

function open(book: Book, language: Language, compiled: object): void {
  const messages: Messages = {};
  const texts = readable(compiled as Compiled, book.name, messages);
  // Where a script has not come, the language that is spoken says it in English.
  i18n.load(spoken, messages);
  for (const name of Object.keys(book.texts)) Reflect.deleteProperty(book.texts, name);
  Object.assign(book.texts, texts);
  book.language = language;
}

/** A book's messages in that language, or nothing if its script does not come. */
const fetched = ({ english, scripts }: Book, language: Language): Promise<object | undefined> =>
  language === "en"
    ? Promise.resolve(english)
    : scripts[language]().then(
        (script) => script.default,
        () => undefined,
      );

/**
 * The texts of a catalogue, in English until `inLanguage`. The object stays the same one for ever
 * and holds the language that is spoken: read it while drawing, and keep no text for later.
 */
export function catalogue<Texts extends object>(
  name: string,
  english: object,
  scripts: Scripts,
): Texts {
  const book: Book = { name, english, scripts, texts: {}, language: "en" };
  open(book, "en", english);
  books.push(book);
  return book.texts as Texts;
}

/**
 * Every open catalogue in the language that is spoken: to be waited for by a view that brings one
 * of its own. What does not come stays English.
 */
export async function inLanguage(): Promise<void> {
  const late = books.filter(({ language }) => language !== spoken);
  await Promise.all(
    late.map(async (book) => {
      const language = spoken;
      const compiled = await fetched(book, language);
      if (compiled && language === spoken) open(book, language, compiled);
    }),
  );
}

/**
 * From now on the page speaks `language`, all of it at once. False, and as before, if a script does
 * not come or another language has been wished for since.
 */
export async function speak(language: Language): Promise<boolean> {
  wishes += 1;
  const wish = wishes;
  const read = new Map<Book, object>();
  // A view that is opened meanwhile brings another catalogue.
  while (read.size < books.length) {
    const found = await Promise.all(
      books
        .filter((book) => !read.has(book))
        .map(async (book) => [book, await fetched(book, language)] as const),
    );
    for (const [book, compiled] of found) {
      if (compiled === undefined || wish !== wishes) return false;
      read.set(book, compiled);
    }
  }
  spoken = language;
  for (const [book, compiled] of read) open(book, language, compiled);
  i18n.activate(language);
  for (const listener of listeners) listener();
  return true;
}
