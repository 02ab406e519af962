import { describe, expectTypeOf, it } from "vitest";
import type {
  Cause,
  Fault,
  InterlockKind,
  InterlockName,
  MeasuredBy,
  PourState,
  RefusalCode,
  ResetReason,
  StepCause,
  StopCode,
  StopReason,
} from "@/types/codes";
import type { HostTexts, LogTexts, PourTexts, ReasonsTexts, Texts } from "../../generated/texts";

// Judged by the compiler when the page is built: a code that the server's own document
// (openapi.json) lists and that has no text here does not compile, nor does a text for a code that
// the document no longer has. That each language says all of them, `npm run texts` sees to.
describe("every code of the server has its words", () => {
  it("a fault, for the guest and for the host", () => {
    expectTypeOf<keyof PourTexts["blocked"]["fault"]>().toEqualTypeOf<Fault>();
    type Own = "offline" | "error" | "log_failed" | "wrong_machine" | "unclear_pour";
    expectTypeOf<keyof HostTexts["advice"]>().toEqualTypeOf<Fault | Own>();
  });

  it("why a pour was refused or ended", () => {
    expectTypeOf<keyof Texts["stopReason"]>().toEqualTypeOf<
      Exclude<StopReason, "target_reached">
    >();
    type Reason = Exclude<Cause, StepCause> | RefusalCode;
    expectTypeOf<keyof ReasonsTexts["known"]>().toEqualTypeOf<Reason>();
    expectTypeOf<StepCause>().toExtend<Cause>();
  });

  it("what must be so before anything pours, and how it is not", () => {
    expectTypeOf<keyof HostTexts["lock"]>().toEqualTypeOf<InterlockName>();
    expectTypeOf<keyof HostTexts["badAnswer"]>().toEqualTypeOf<InterlockKind>();
  });

  it("the steps of a pour", () => {
    expectTypeOf<keyof LogTexts["receipt"]["cause"]>().toEqualTypeOf<Cause>();
    expectTypeOf<keyof LogTexts["receipt"]["step"]>().toEqualTypeOf<PourState>();
    expectTypeOf<keyof LogTexts["receipt"]["measuredBy"]>().toEqualTypeOf<MeasuredBy>();
  });

  it("what a machine says to a stop, and why it fell over", () => {
    expectTypeOf<keyof HostTexts["said"]>().toEqualTypeOf<StopCode | "back">();
    expectTypeOf<keyof HostTexts["restart"]>().toEqualTypeOf<
      Exclude<ResetReason, "power_on" | "software" | "other">
    >();
  });
});
