import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetTime, hearTime, now, phoneNow, watchTime } from "@/lib/clock";

const SERVER_S = 1_790_000_000;

beforeEach(() => {
  vi.useFakeTimers();
  forgetTime();
});
afterEach(() => vi.useRealTimers());

describe.each([
  ["two days ahead", (SERVER_S + 2 * 86_400) * 1000],
  ["two days behind", (SERVER_S - 2 * 86_400) * 1000],
  ["in 1970", 0],
  ["in 2038", 2_147_483_647_000],
])("on a phone that is %s", (_where, phone_ms) => {
  beforeEach(() => vi.setSystemTime(phone_ms));

  it("nobody knows what time it is before the server has said so", () => {
    expect(now()).toBeUndefined();
    expect(phoneNow()).toBe(phone_ms);
  });

  it("now is the server's time, and goes on from there", () => {
    hearTime(SERVER_S);
    expect(now()).toBeCloseTo(SERVER_S * 1000, 0);
    vi.advanceTimersByTime(90_000);
    expect(now()).toBeCloseTo(SERVER_S * 1000 + 90_000, 0);
  });

  it("it does not matter that somebody puts the phone right", () => {
    hearTime(SERVER_S);
    vi.setSystemTime(SERVER_S * 1000);
    expect(now()).toBeCloseTo(SERVER_S * 1000, 0);
  });
});

describe("the server's clock", () => {
  it("is not followed in what is only the way of a message", () => {
    let steps = 0;
    const unwatch = watchTime(() => (steps += 1));
    hearTime(SERVER_S);
    vi.advanceTimersByTime(5000);
    hearTime(SERVER_S + 5.4);
    expect(now()).toBeCloseTo((SERVER_S + 5) * 1000, 0);
    expect(steps).toBe(1);
    unwatch();
  });

  it("is followed both ways when somebody sets it", () => {
    const heard: (number | undefined)[] = [];
    const unwatch = watchTime(() => heard.push(now()));
    for (const second of [SERVER_S, SERVER_S + 2 * 86_400, SERVER_S]) hearTime(second);
    unwatch();
    hearTime(5);
    expect(heard.map((at_ms) => Math.round((at_ms ?? 0) / 1000))).toEqual([
      SERVER_S,
      SERVER_S + 2 * 86_400,
      SERVER_S,
    ]);
  });
});
