import { expect, it } from "vitest";
import { initialOf, readGuest } from "@/lib/guest";

it("drops the spaces around a name", () => {
  expect(readGuest("  Ada Lovelace ")).toBe("Ada Lovelace");
});

const nobody = ["", "   ", "a\u0000b", "a\nb", "\u200b\u2060", "\u3164", "\u2800", "\u{e0041}"];

it.each(nobody)("has no guest called %j", (text) => {
  expect(readGuest(text)).toBeUndefined();
});

it("has guests whose names hold what is not seen, too", () => {
  expect(readGuest("👩\u200d🍳")).toBe("👩\u200d🍳");
  expect(readGuest("می\u200cخواهم")).toBe("می\u200cخواهم");
});

it("counts a name's length in bytes, as the server does", () => {
  expect(readGuest("é".repeat(64))).toBe("é".repeat(64));
  expect(readGuest("é".repeat(65))).toBeUndefined();
});

it.each([
  ["ada", "A"],
  ["élan", "É"],
  ["e\u0301lan", "E\u0301"],
  ["🦊 fox", "🦊"],
  ["04A2247C9F6180", "0"],
])("marks %s with %s", (guest, initial) => {
  expect(initialOf(guest)).toBe(initial);
});
