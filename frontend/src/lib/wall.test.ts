import { describe, expect, it } from "vitest";
import { joinAddress, nothingStands, standingGlasses, wallTap } from "@/lib/wall";
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

describe("the address to join under", () => {
  it.each([
    ["http://10.0.0.2:5000", "10.0.0.2", "http://10.0.0.2:5000"],
    ["http://localhost:5000", "localhost", undefined],
    ["http://127.0.0.1:5000", "127.0.0.1", undefined],
    ["http://[::1]:5000", "[::1]", undefined],
  ])("opened at %s", (origin, hostname, address) => {
    expect(joinAddress(null, { origin, hostname })).toBe(address);
    expect(joinAddress("http://bar.local", { origin, hostname })).toBe("http://bar.local");
  });
});
