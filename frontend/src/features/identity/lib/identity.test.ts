import { describe, expect, it } from "vitest";
import {
  type Identity,
  type IdentityEvent,
  identityAfter,
  known,
} from "@/features/identity/lib/identity";

const badge = (token: string): IdentityEvent => ({
  type: "badge_read",
  reading: { kind: "badge", token },
});

const become = (first: Identity, ...events: IdentityEvent[]) => events.reduce(identityAfter, first);

describe("a badge", () => {
  it("says who it is where nobody was known, and there is nothing to undo", () => {
    const ada = become(known(undefined), badge("Ada"));
    expect(ada).toMatchObject({ guest: "Ada", fresh: true, before: undefined });
    expect(become(ada, { type: "undone" })).toEqual(ada);
  });

  it("takes the place of somebody else until that is undone", () => {
    const ada = become(known("Bea"), badge("Ada"));
    expect(ada).toMatchObject({ guest: "Ada", before: "Bea" });
    expect(become(ada, { type: "undone" })).toEqual(known("Bea"));
  });

  it("of the guest who is known already changes nobody", () => {
    expect(become(known("Ada"), badge("Ada"))).toMatchObject({ guest: "Ada", before: undefined });
  });

  it("that cannot be used changes nothing and says why", () => {
    const event: IdentityEvent = {
      type: "badge_read",
      reading: { kind: "broken", problem: "too_long" },
    };
    const bea = become(known("Bea"), event);
    expect(bea).toEqual({ ...known("Bea"), problem: "too_long" });
    expect(become(bea, { type: "seen" })).toEqual(known("Bea"));
    expect(become(bea, badge("Ada")).problem).toBeUndefined();
  });
});

it("goes back to the last one only", () => {
  const chain = become(known("Bea"), badge("Ada"), { type: "tag_taken", tag: "04A2" });
  expect(chain).toMatchObject({ guest: "04A2", before: "Ada", fresh: true });
  expect(become(chain, { type: "undone" })).toEqual(known("Ada"));
});

it("is no longer undone once the guest has poured", () => {
  expect(become(known("Bea"), badge("Ada"), { type: "seen" })).toEqual(known("Ada"));
});

it("takes a typed name as it is", () => {
  expect(become(known("Bea"), badge("Ada"), { type: "named", name: "Cid" })).toEqual(known("Cid"));
});

it("forgets", () => {
  expect(become(known("Bea"), badge("Ada"), { type: "forgotten" })).toEqual(known(undefined));
});

it("follows what another tab remembers, and keeps its undo if that is the same", () => {
  const ada = become(known("Bea"), badge("Ada"));
  expect(become(ada, { type: "changed_elsewhere", guest: "Ada" })).toEqual(ada);
  expect(become(ada, { type: "changed_elsewhere", guest: "Cid" })).toEqual(known("Cid"));
  expect(become(ada, { type: "changed_elsewhere", guest: undefined })).toEqual(known(undefined));
});
