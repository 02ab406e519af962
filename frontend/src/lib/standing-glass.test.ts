import { describe, expect, it } from "vitest";
import { nothingStands, standingGlasses, wallTap } from "@/lib/standing-glass";
import { aPour, aReceipt, aTap } from "@/test/samples";

describe("a glass on the wall", () => {
  const pouring = aTap({ pour: aPour({ request_id: "r1" }) });
  const poured = aTap({ last: aReceipt({ request_id: "r1" }) });
  const during = standingGlasses(nothingStands, [pouring]);

  it("fills as the machine says", () => {
    expect(wallTap(pouring, during)).toMatchObject({
      glass: { pouring: true, filledMl: 12.3, targetMl: 30 },
      guest: "Ada",
    });
  });

  it("stays full until it is taken away, and the next one is empty", () => {
    const after = standingGlasses(during, [poured]);
    expect(after).toBe(during);
    expect(wallTap(poured, after)).toMatchObject({
      glass: { pouring: false, filledMl: 29.8 },
      guest: "Ada",
    });
    const lifted = standingGlasses(after, [{ ...poured, glass_present: false }]);
    expect(wallTap({ ...poured, glass_present: false }, lifted)).toMatchObject({
      glass: { absent: true, filledMl: 0 },
      guest: undefined,
    });
    const next = standingGlasses(lifted, [poured]);
    expect(wallTap(poured, next)).toMatchObject({ glass: { absent: false, filledMl: 0 } });
  });

  it("is empty when the page did not see it being poured", () => {
    const standing = standingGlasses(nothingStands, [poured]);
    expect(standing).toBe(nothingStands);
    expect(wallTap(poured, standing)).toMatchObject({ glass: { filledMl: 0 }, guest: undefined });
  });
});
