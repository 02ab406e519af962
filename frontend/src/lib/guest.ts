/** The longest name the server takes, in bytes of UTF-8. */
const TOKEN_BYTES_MAX = 128;

/**
 * The token to send for a typed name, or nothing if the server would refuse it: spaces around it
 * are dropped, and control characters and overlong names have no place in the log.
 */
export function readGuest(text: string): string | undefined {
  const token = text.trim();
  if (token === "") return undefined;
  if (/\p{Cc}/u.test(token)) return undefined;
  if (new TextEncoder().encode(token).length > TOKEN_BYTES_MAX) return undefined;
  return token;
}
