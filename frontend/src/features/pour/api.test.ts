// @vitest-environment jsdom
import "@/test/browser";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { placeOrder, stopPour } from "@/features/pour/api";
import { anOrder } from "@/test/samples";
import { server } from "@/test/server";

function answers(path: string, status: number, body: object): Record<string, unknown>[] {
  const heard: Record<string, unknown>[] = [];
  server.use(
    http.post(`*${path}`, async ({ request }) => {
      heard.push((await request.json()) as Record<string, unknown>);
      return HttpResponse.json(body, { status });
    }),
  );
  return heard;
}

const refusal = (code: string) => ({ success: false, code, reason: "No." });

describe("an order", () => {
  it("says until when the server may take it", async () => {
    const heard = answers("/api/dispense", 200, { success: true, request_id: "r1" });
    const deadline = { server_id: "a1", expires_ms: 70_500 };
    await placeOrder(anOrder({ deadline }), "press");
    expect(heard).toEqual([
      { amount_ml: 30, user_token: "Ada", tap: "main", request_id: "r1", ...deadline },
    ]);
  });
});

describe("what the server says of an order that is taken back", () => {
  it.each([
    [200, { success: true, code: "given_up", message: "", taps: [] }, "given_up"],
    [200, { success: true, taps: [{ tap: "main", code: "stopped", reason: "" }] }, "stopped"],
    [404, refusal("unknown_request"), "over"],
    [429, refusal("too_many_requests"), "lost"],
    [503, refusal("starting"), "lost"],
    [503, refusal("store_failed"), "lost"],
    [503, refusal("overloaded"), "lost"],
    [400, refusal("bad_request"), "failed"],
    [502, { error: "bad gateway" }, "lost"],
  ])("%i %j means: %s", async (status, body, kind) => {
    const heard = answers("/api/stop", status, body);
    expect((await stopPour("r1", "itself")).kind).toBe(kind);
    expect(heard).toEqual([{ request_id: "r1" }]);
  });

  it("is nothing where nobody answers", async () => {
    server.use(http.post("*/api/stop", () => HttpResponse.error()));
    expect((await stopPour("r1", "press")).kind).toBe("lost");
  });
});
