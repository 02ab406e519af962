/** What the server says in codes, in the words of the page. Pure. */
import { texts } from "@/lib/texts";
import { reasonTexts } from "@/lib/texts/reasons";

/** The word for a code of the server's, or nothing if it is newer than this page. */
export const wordOf = <Words extends object>(
  words: Words,
  code: string | null,
): Words[keyof Words] | undefined =>
  code !== null && Object.hasOwn(words, code) ? words[code as keyof Words] : undefined;

/** Also of a code that is newer than this page: then it stands for itself. */
export const wordOrCode = <Words extends Record<keyof Words, string>>(
  words: Words,
  code: string,
): string => wordOf(words, code) ?? texts.newer({ code });

/** Why something was not done: our own words for what we know, the server's for what is new. */
export function reasonWords(code: string | null, sentence: string): string {
  const { known, said } = reasonTexts;
  // The server speaks English, and knows more than its code.
  if (!known || !said) return sentence;
  const own = wordOf(known, code);
  if (own !== undefined) return own;
  return code === null || sentence === "" ? sentence : said({ code, sentence });
}

/** Why a pour ended, if it ended for a reason that the machine has told. */
export const stopWords = (reason: string | null): string | undefined =>
  reason === "target_reached" ? undefined : wordOf(texts.stopReason, reason);
