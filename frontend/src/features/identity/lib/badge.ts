/** What a QR code or an address says: somebody's badge, a tap's sticker, or neither. Pure. */

import { identityTexts } from "@/features/identity/texts";
import { type GuestProblem, guestProblem } from "@/lib/guest";

export type BadgeProblem = GuestProblem | "unreadable";

/** What was read from a badge. */
export type BadgeReading =
  | { kind: "badge"; token: string }
  | { kind: "broken"; problem: BadgeProblem };

/** What was read by a scanner, which may have been held before anything. */
export type CodeReading = BadgeReading | { kind: "tap"; name: string } | { kind: "foreign" };

/** In any case: a QR code is smaller in capitals, and some phones begin what is typed with one. */
const BADGE_PATH = /^\/b\//i;
const TAP_PATH = /^\/tap\//i;

/**
 * What codes of other trades begin with. Everything else without a scheme may be a token: hosts
 * write on badges what they like.
 */
const FOREIGN_SCHEMES = [
  ...["wifi", "mailto", "tel", "sms", "smsto", "mms", "geo", "maps", "data", "javascript", "urn"],
  ...["mecard", "bizcard", "begin", "matmsg", "otpauth", "fido", "hc1", "lpa", "dpp", "upi"],
  ...["bitcoin", "ethereum", "lightning", "magnet", "market", "intent"],
];
const FOREIGN = new RegExp(
  `^(?:[a-z][a-z0-9+.-]*://|www\\.|(?:${FOREIGN_SCHEMES.join("|")}):|(?:bcd|spc)\n)`,
  "i",
);

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function readToken(text: string): BadgeReading {
  const problem = guestProblem(text);
  return problem ? { kind: "broken", problem } : { kind: "badge", token: text.trim() };
}

/**
 * The badge that an address is, or nothing if it is another page's. `pathname` is as the browser
 * says it, still percent-encoded; a token may hold slashes, so all that follows belongs to it.
 */
export function readBadgePath(pathname: string): BadgeReading | undefined {
  if (!BADGE_PATH.test(pathname)) return undefined;
  const token = decoded(pathname.replace(BADGE_PATH, ""));
  return token === undefined ? { kind: "broken", problem: "unreadable" } : readToken(token);
}

function parsedUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function readUrl(url: URL): CodeReading {
  const badge = readBadgePath(url.pathname);
  if (badge) return badge;
  if (!TAP_PATH.test(url.pathname)) return { kind: "foreign" };
  const name = decoded(url.pathname.replace(TAP_PATH, ""));
  return name ? { kind: "tap", name } : { kind: "foreign" };
}

/**
 * What a scanned code means. A badge counts whatever host it names: it was perhaps printed before
 * the party's address was known.
 */
export function readCode(text: string): CodeReading {
  const trimmed = text.trim();
  if (/^https?:\/\//i.test(trimmed)) {
    const url = parsedUrl(trimmed);
    return url ? readUrl(url) : { kind: "foreign" };
  }
  return FOREIGN.test(trimmed) ? { kind: "foreign" } : readToken(trimmed);
}

/** Why what was scanned is of no use where there are these taps, or nothing if it is. */
export function codeRefusal(reading: CodeReading, taps: readonly string[]): string | undefined {
  switch (reading.kind) {
    case "badge":
      return undefined;
    case "tap":
      return taps.includes(reading.name)
        ? undefined
        : identityTexts.unknownTap({ name: reading.name });
    case "broken":
      return identityTexts.badgeProblem[reading.problem];
    case "foreign":
      return identityTexts.foreign;
  }
}
