/** The way from the wall to a phone. Pure. */

/**
 * The address for a guest's phone: as the host has named it, else where this page came from, unless
 * that is this very machine to nobody but itself.
 */
export function joinAddress(
  publicUrl: string | null,
  { hostname, origin }: Pick<Location, "hostname" | "origin">,
): string | undefined {
  if (publicUrl !== null) return publicUrl;
  const own = hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  return own ? undefined : origin;
}
