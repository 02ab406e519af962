import { describe, expect, it } from "vitest";
import { isRequestId, receiptFacts, stepWords } from "@/features/log/lib/history-words";
import { aReceipt } from "@/test/samples";
import type { Receipt } from "@/types/wire";

const facts = (changes: Partial<Receipt>) =>
  Object.fromEntries(
    receiptFacts(aReceipt(changes)).map(({ name, value }) => [
      name,
      value.replaceAll("\u00a0", " "),
    ]),
  );

describe("the facts of a receipt", () => {
  it("say what was asked, what came and how surely, how it was measured, why it ended", () => {
    expect(facts({})).toEqual({
      Person: "Ada",
      Tap: "main",
      "Asked for": "30 ml",
      Delivered: "29.8 ml ± 0.4 ml",
      "In any case": "29.4–30.2 ml",
      Measured: "By its flow meter",
      "Why it ended": "The wanted amount was reached.",
    });
  });

  it("do not pretend to know how much came", () => {
    const unknown = facts({
      state: "unknown",
      status: "failed",
      code: "unreachable",
      reason: "Unknown: the machine could not be reached; up to 32 ml may have flowed.",
      delivered_ml: null,
      uncertainty_ml: null,
      ml_min: 0,
      ml_max: 32,
      measured_by: null,
      stop_reason: null,
    });
    expect(unknown.Delivered).toBe("Not known");
    expect(unknown["In any case"]).toBe("0–32 ml");
    expect(unknown["Why it ended"]).toMatch(/could not be reached/);
    expect(unknown).not.toHaveProperty("Measured");
  });

  it("say that nothing came where that is sure", () => {
    const refused = { state: "refused", status: "failed", code: "no_glass" } as const;
    const nothing = { delivered_ml: null, uncertainty_ml: null, measured_by: null };
    expect(facts({ ...refused, ...nothing, stop_reason: null }).Delivered).toBe("0 ml");
  });

  it("leave out the end of a pour that still runs", () => {
    const running = facts({ state: "accepted", final: false, status: "started" });
    expect(Object.keys(running)).not.toContain("Delivered");
    expect(Object.keys(running)).not.toContain("Why it ended");
  });
});

it("tells a step in words, the server's own where it is new to us", () => {
  const step = { at: 5, from: "new", to: "sending", code: "checks_passed", detail: "" };
  expect(stepWords(step)).toEqual({
    at_ms: 5000,
    title: "Written down, then sent",
    cause: "All checks passed.",
  });
  const strange = { at: 5, from: "x", to: "put_off", code: "full_moon", detail: "really" };
  expect(stepWords(strange)).toMatchObject({
    title: "New to this page: put_off",
    cause: "New to this page: full_moon (really)",
  });
});

it.each([
  ["052d08f98ee32ae6b269f975a6cacc49", true],
  ["a:b.c_d-e", true],
  ["", false],
  ["a/b", false],
  ["ä", false],
  ["a".repeat(65), false],
])("takes %s for the name of a pour: %s", (id, is) => {
  expect(isRequestId(id)).toBe(is);
});
