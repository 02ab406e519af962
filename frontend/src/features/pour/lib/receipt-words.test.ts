import { afterEach, describe, expect, it } from "vitest";
import { receiptWords } from "@/features/pour/lib/receipt-words";
import { pourTexts } from "@/features/pour/texts";
import { type Language, languages, speak } from "@/lib/texts/speech";
import { aReceipt } from "@/test/samples";
import type { Receipt } from "@/types/wire";

const wordsOf = (changes: Partial<Receipt>) => {
  const { tone, title, details } = receiptWords({ kind: "receipt", receipt: aReceipt(changes) });
  return { tone, title, text: details.join(" ").replaceAll("\u00a0", " ") };
};

describe("a receipt in words", () => {
  it("says what was poured and how surely", () => {
    expect(wordsOf({})).toEqual({
      tone: "good",
      title: "29.8 ml poured",
      text: "Asked for 30 ml. Measured to ± 0.4 ml.",
    });
  });

  it("does not claim a measurement that nobody made", () => {
    const command = wordsOf({ delivered_ml: null, uncertainty_ml: null, measured_by: "command" });
    expect(command.title).toBe("30 ml poured");
    expect(command.text).toContain("does not measure");
  });

  it("says how much of a partial pour came, and why no more", () => {
    const lifted = wordsOf({
      state: "partial",
      status: "failed",
      delivered_ml: 12.34,
      stop_reason: "glass_removed",
    });
    expect(lifted.tone).toBe("partial");
    expect(lifted.title).toBe("12.3 of 30 ml poured");
    expect(lifted.text).toContain("The glass was lifted");
  });

  it("gives the bounds of a partial pour that was not measured", () => {
    const unmeasured = wordsOf({ state: "partial", delivered_ml: null, ml_min: 4, ml_max: 30.9 });
    expect(unmeasured.title).toBe("Less than 30 ml poured");
    expect(unmeasured.text).toContain("Between 4 and 30.9 ml.");
  });

  it("uses the server's sentence for a reason it has no words for", () => {
    const odd = wordsOf({ state: "partial", stop_reason: "moon_phase", reason: "The moon rose." });
    expect(odd.text).toContain("The moon rose.");
  });

  it.each(["refused", "rejected", "not_sent", "not_poured"] as const)(
    "says of a %s order that nothing was poured, and why",
    (state) => {
      const nothing = wordsOf({ state, stop_reason: null, reason: "Another pour is running." });
      expect(nothing).toEqual({
        tone: "nothing",
        title: "Nothing was poured",
        text: "Another pour is running.",
      });
    },
  );

  it("never says of an unknown pour that nothing came", () => {
    const unknown = wordsOf({ state: "unknown", delivered_ml: null, ml_min: 0, ml_max: 30.9 });
    expect(unknown.tone).toBe("unknown");
    expect(unknown.title).toBe("We cannot say how much was poured");
    expect(unknown.text).toContain("Between 0 and 30.9 ml.");
  });

  describe.each(Object.keys(languages) as Language[])("in %s", (language) => {
    afterEach(() => speak("en"));

    it.each([
      "rebooted",
      "idle_throughout",
      "ended_too_soon",
      "deadline_passed",
      "unreachable",
      "journal_lost",
      "impossible_record",
      "wrong_machine",
    ])("invites nobody to press again where something may have flowed: %s", async (code) => {
      await speak(language);
      const unknown = { state: "unknown", code, reason: "The server's words." } as const;
      const { tone, details } = receiptWords({ kind: "receipt", receipt: aReceipt(unknown) });
      expect(tone).toBe("unknown");
      expect(details.at(-1)).toBe(pourTexts.receipt.unknownAdvice);
      expect(details.slice(0, -1).join(" ")).not.toMatch(
        /nothing|probably|again|nichts|wahrscheinlich|noch einmal|nic nie|naciśnij|spróbuj/i,
      );
    });
  });

  it("says what to do when an order never arrived", () => {
    const words = receiptWords({ kind: "never_arrived" });
    expect(words.title).toBe("Nothing was poured");
    expect(words.details.join(" ")).toContain("no longer can. Press POUR");
  });
});
