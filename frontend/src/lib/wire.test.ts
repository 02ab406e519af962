import { describe, expect, it } from "vitest";
import { dispenseAnswerSchema, liveSchemas, parseJson, receiptSchema, tapSchema } from "@/lib/wire";
import { aReceipt, aTap } from "@/test/samples";

describe("a message of the server", () => {
  it("is taken when it has the shape", () => {
    const tap = aTap({ last: aReceipt() });
    expect(parseJson(tapSchema, JSON.stringify(tap))).toEqual(tap);
  });

  it("may hold fields of a newer server", () => {
    const newer = JSON.stringify({ ...aTap(), temperature_c: 4 });
    expect(parseJson(tapSchema, newer)).toEqual(aTap());
  });

  it("is refused when a field is missing, of another type, or a state nobody knows", () => {
    const { glass_present: _, ...incomplete } = aTap();
    expect(parseJson(tapSchema, JSON.stringify(incomplete))).toBeUndefined();
    expect(parseJson(tapSchema, JSON.stringify({ ...aTap(), ready: "yes" }))).toBeUndefined();
    expect(parseJson(tapSchema, JSON.stringify({ ...aTap(), state: "dancing" }))).toBeUndefined();
    expect(
      parseJson(receiptSchema, JSON.stringify(aReceipt({ delivered_ml: -1 }))),
    ).toBeUndefined();
  });

  it("is refused when it is not JSON at all", () => {
    expect(parseJson(tapSchema, "<html>502 Bad Gateway</html>")).toBeUndefined();
    expect(parseJson(liveSchemas.heartbeat, "")).toBeUndefined();
  });

  it("tells an order's yes from its no", () => {
    const yes = parseJson(dispenseAnswerSchema, '{"success":true,"request_id":"r1","tap":"main"}');
    expect(yes).toEqual({ success: true, request_id: "r1" });
    const no = parseJson(
      dispenseAnswerSchema,
      '{"success":false,"reason":"Place a glass.","code":"no_glass"}',
    );
    expect(no).toEqual({ success: false, reason: "Place a glass.", code: "no_glass" });
    expect(parseJson(dispenseAnswerSchema, '{"success":"maybe"}')).toBeUndefined();
  });
});
