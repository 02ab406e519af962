import { expect, it } from "vitest";
import { middleSquare, scanSizes } from "@/features/identity/lib/qr/scan-sizes";

it("looks at a large photo made smaller, then smaller still, then closely", () => {
  expect(scanSizes({ width: 4032, height: 3024 })).toEqual([
    { width: 1600, height: 1200 },
    { width: 800, height: 600 },
    { width: 3200, height: 2400 },
  ]);
});

it("never makes a picture larger, nor looks twice at one size", () => {
  expect(scanSizes({ width: 720, height: 720 })).toEqual([{ width: 720, height: 720 }]);
  expect(scanSizes({ width: 600, height: 1000 })).toEqual([
    { width: 600, height: 1000 },
    { width: 480, height: 800 },
  ]);
});

it("keeps a strip at least one pixel wide", () => {
  expect(scanSizes({ width: 5000, height: 1 }).every(({ height }) => height === 1)).toBe(true);
});

it.each([
  [
    { width: 1280, height: 720 },
    { x: 280, y: 0, side: 720 },
  ],
  [
    { width: 720, height: 1281 },
    { x: 0, y: 280, side: 720 },
  ],
])("takes the middle of %o", (size, square) => {
  expect(middleSquare(size)).toEqual(square);
});
