import { expect, it } from "vitest";
import { newRequestId } from "@/features/pour/lib/request-id";

it("is 128 bits in letters the server takes", () => {
  expect(newRequestId()).toMatch(/^[0-9a-f]{32}$/);
});

it("is another one each time", () => {
  const ids = new Set(Array.from({ length: 1000 }, newRequestId));
  expect(ids.size).toBe(1000);
});

it("keeps the zeros in front", () => {
  const original = crypto.getRandomValues.bind(crypto);
  crypto.getRandomValues = ((bytes: Uint8Array) => bytes.fill(3)) as typeof crypto.getRandomValues;
  try {
    expect(newRequestId()).toBe("03".repeat(16));
  } finally {
    crypto.getRandomValues = original;
  }
});
