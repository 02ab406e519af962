/** Who is pouring, as this phone knows it, and how that changes. Pure. */
import type { BadgeProblem, BadgeReading } from "@/features/identity/lib/badge";

export interface Identity {
  guest: string | undefined;
  /** Who it was until a code or a tag took their place: undoing goes back there. */
  before: string | undefined;
  /** It came by a code or a tag, and the guest has not poured since: worth a greeting. */
  fresh: boolean;
  /** Why the badge whose address was opened changed nothing. */
  problem: BadgeProblem | undefined;
}

export type IdentityEvent =
  /** A badge was scanned, or its address opened. */
  | { type: "badge_read"; reading: BadgeReading }
  | { type: "tag_taken"; tag: string }
  | { type: "named"; name: string }
  | { type: "undone" }
  | { type: "forgotten" }
  /** What was new has been seen: the guest pours, or has read what was wrong. */
  | { type: "seen" }
  /** Another tab of this phone remembers somebody else now. */
  | { type: "changed_elsewhere"; guest: string | undefined };

export const known = (guest: string | undefined): Identity => ({
  guest,
  before: undefined,
  fresh: false,
  problem: undefined,
});

function taken(identity: Identity, token: string): Identity {
  const { guest } = identity;
  return { ...known(token), fresh: true, before: guest === token ? undefined : guest };
}

export function identityAfter(identity: Identity, event: IdentityEvent): Identity {
  switch (event.type) {
    case "badge_read": {
      const { reading } = event;
      if (reading.kind === "broken") return { ...identity, problem: reading.problem };
      return taken(identity, reading.token);
    }
    case "tag_taken":
      return taken(identity, event.tag);
    case "named":
      return known(event.name);
    case "undone":
      return identity.before === undefined ? identity : known(identity.before);
    case "forgotten":
      return known(undefined);
    case "seen":
      return known(identity.guest);
    case "changed_elsewhere":
      return event.guest === identity.guest ? identity : known(event.guest);
  }
}
