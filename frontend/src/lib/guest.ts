/** The longest name the server takes, in bytes of UTF-8. */
const TOKEN_BYTES_MAX = 128;

/** A sign that is seen: no space, none of zero width, no filler (as the server judges). */
const VISIBLE = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]/u;

export type GuestProblem = "empty" | "control" | "too_long";

/** Why the server would refuse this name, or nothing if it would not. */
export function guestProblem(text: string): GuestProblem | undefined {
  const token = text.trim();
  if (!VISIBLE.test(token)) return "empty";
  if (/\p{Cc}/u.test(token)) return "control";
  if (new TextEncoder().encode(token).length > TOKEN_BYTES_MAX) return "too_long";
  return undefined;
}

/**
 * The token to send for a typed name, or nothing if the server would refuse it: spaces around it
 * are dropped, and control characters and overlong names have no place in the log.
 */
export const readGuest = (text: string): string | undefined =>
  guestProblem(text) === undefined ? text.trim() : undefined;

/** What stands in a guest's round sign: the first letter, with the marks that belong to it. */
export const initialOf = (guest: string): string =>
  /^\P{M}\p{M}*/u.exec(guest)?.[0].toUpperCase() ?? "";

/** A guest's own colour, as degrees around the wheel. */
export function hueOf(guest: string): number {
  let hash = 0;
  for (const sign of guest) hash = (hash * 31 + (sign.codePointAt(0) ?? 0)) % 360_007;
  return hash % 360;
}
