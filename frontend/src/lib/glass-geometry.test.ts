import { describe, expect, it } from "vitest";
import { levelY } from "@/lib/glass-geometry";

describe("the level in the drawn glass", () => {
  it.each([1, 15, 30, 45, 60])("stands on the line when all of %d ml are in", (target) => {
    const empty = levelY(0, target);
    const line = levelY(target, target);
    expect(levelY(target / 2, target)).toBeCloseTo((empty + line) / 2);
    expect(line).toBeLessThan(empty);
  });

  it("has a higher line for a larger drink", () => {
    expect(levelY(45, 45)).toBeLessThan(levelY(15, 15));
  });

  it("shows what went beyond the line, but never leaves the glass", () => {
    expect(levelY(31, 30)).toBeLessThan(levelY(30, 30));
    expect(levelY(1000, 30)).toBe(levelY(2000, 30));
  });
});
