/**
 * A fresh name for one wish to pour: 128 random bits as hexadecimal digits. Not
 * `crypto.randomUUID`, which browsers withhold on plain http, and that is how a phone reaches the
 * machine at a party.
 */
export function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
