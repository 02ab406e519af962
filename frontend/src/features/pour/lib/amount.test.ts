import { describe, expect, it } from "vitest";
import { readAmount, stepAmount } from "@/features/pour/lib/amount";

describe("an amount", () => {
  it.each([
    ["1", 1],
    ["60", 60],
    [" 20 ", 20],
    ["007", 7],
  ])("reads %j as %d ml", (text, ml) => {
    expect(readAmount(text)).toEqual({ kind: "amount", ml });
  });

  it.each([
    ["", "empty"],
    ["   ", "empty"],
    ["0", "too_small"],
    ["-1", "too_small"],
    ["61", "too_large"],
    ["99999999999999999999", "too_large"],
    ["abc", "not_a_number"],
    ["30.5", "not_a_number"],
    ["1e1", "not_a_number"],
    ["３０", "not_a_number"],
    ["+5", "not_a_number"],
  ])("refuses %j as %s", (text, kind) => {
    expect(readAmount(text)).toEqual({ kind });
  });

  it("steps by one and stays within the limits", () => {
    expect(stepAmount(30, 1)).toBe(31);
    expect(stepAmount(60, 1)).toBe(60);
    expect(stepAmount(1, -1)).toBe(1);
    expect(stepAmount(61, -1)).toBe(60);
    expect(stepAmount(0, 1)).toBe(1);
  });
});
