import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deadlineIn, forgetUptime, hearUptime } from "@/lib/deadline";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  forgetUptime();
});
afterEach(() => vi.useRealTimers());

describe("until when the server may take what is pressed", () => {
  it("is not known before the server has said how late it is there", () => {
    expect(deadlineIn(8000)).toBeUndefined();
  });

  it("is told by the server's clock as it is by now", () => {
    hearUptime("a", 60_000);
    vi.advanceTimersByTime(2500);
    expect(deadlineIn(8000)).toEqual({ server_id: "a", expires_ms: 70_500 });
  });

  it("is not made earlier by a word that was long under way", () => {
    hearUptime("a", 60_000);
    vi.advanceTimersByTime(12_000);
    hearUptime("a", 65_000); // said seven seconds ago
    expect(deadlineIn(8000)?.expires_ms).toBe(80_000);
  });

  it("follows a phone's clock that runs too fast", () => {
    hearUptime("a", 0);
    for (let said = 1; said <= 100; said += 1) {
      vi.advanceTimersByTime(5100);
      hearUptime("a", said * 5000);
    }
    const off_ms = (deadlineIn(0)?.expires_ms ?? 0) - 500_000;
    expect(off_ms).toBeGreaterThanOrEqual(0);
    expect(off_ms).toBeLessThan(1300);
  });

  it("is for this run of the server: another one counts anew", () => {
    hearUptime("a", 3_600_000);
    hearUptime("b", 100);
    expect(deadlineIn(8000)).toEqual({ server_id: "b", expires_ms: 8100 });
  });

  it("is whole milliseconds", () => {
    hearUptime("a", 100.7);
    expect(deadlineIn(8000)?.expires_ms).toBe(8100);
  });
});
