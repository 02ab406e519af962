import { describe, expect, it } from "vitest";
import { joinAddress } from "@/features/wall/lib/wall";

describe("the address to join under", () => {
  it.each([
    ["http://10.0.0.2:5000", "10.0.0.2", "http://10.0.0.2:5000"],
    ["http://localhost:5000", "localhost", undefined],
    ["http://127.0.0.1:5000", "127.0.0.1", undefined],
    ["http://[::1]:5000", "[::1]", undefined],
  ])("opened at %s", (origin, hostname, address) => {
    expect(joinAddress(null, { origin, hostname })).toBe(address);
    expect(joinAddress("http://bar.local", { origin, hostname })).toBe("http://bar.local");
  });
});
