import { describe, expect, it } from "vitest";
import { readBadgePath, readCode } from "@/features/identity/lib/badge";

const badge = (token: string) => ({ kind: "badge", token });
const broken = (problem: string) => ({ kind: "broken", problem });

describe("a badge's address", () => {
  it.each([
    ["/b/Ada", "Ada"],
    ["/B/ADA", "ADA"],
    ["/b/Ada%20Lovelace", "Ada Lovelace"],
    ["/b/Zo%C3%AB", "Zoë"],
    ["/b/%F0%9F%A6%8A", "🦊"],
    ["/b/crew%2F7", "crew/7"],
    ["/b/crew/7", "crew/7"],
    ["/b/100%25", "100%"],
    ["/b/a+b", "a+b"],
  ])("%s is %s's", (path, token) => {
    expect(readBadgePath(path)).toEqual(badge(token));
  });

  it.each([
    ["/b/", "empty"],
    ["/b/%20", "empty"],
    ["/b/%zz", "unreadable"],
    ["/b/%E2%28", "unreadable"],
    ["/b/50%", "unreadable"],
    ["/b/a%00b", "control"],
    ["/b/a%0Ab", "control"],
    [`/b/${"x".repeat(129)}`, "too_long"],
    [`/b/${"%C3%AB".repeat(65)}`, "too_long"],
  ])("%s is nobody's: %s", (path, problem) => {
    expect(readBadgePath(path)).toEqual(broken(problem));
  });

  it.each(["/", "/b", "/bar", "/tap/bar", "/x/b/Ada"])("%s is no badge", (path) => {
    expect(readBadgePath(path)).toBeUndefined();
  });
});

describe("a scanned code", () => {
  it.each([
    ["http://192.168.4.1:5000/b/Ada", "Ada"],
    ["https://party.example/b/Ada?from=mail#top", "Ada"],
    ["HTTPS://party.example/b/Zo%C3%AB", "Zoë"],
    ["HTTP://PARTY.LOCAL:5000/B/04A2247C9F6180", "04A2247C9F6180"],
    ["https://party.example/b/Zoë", "Zoë"],
    ["https://party.example/b/crew%2F7", "crew/7"],
    [" Ada ", "Ada"],
    ["04A2247C9F6180", "04A2247C9F6180"],
    ["crew:7", "crew:7"],
    ["begin", "begin"],
    ["Watson", "Watson"],
  ])("%j is a badge of %s's", (text, token) => {
    expect(readCode(text)).toEqual(badge(token));
  });

  it("may be a tap's sticker", () => {
    expect(readCode("http://party.local/tap/gin%20bar")).toEqual({ kind: "tap", name: "gin bar" });
    expect(readCode("HTTP://PARTY.LOCAL/TAP/BAR")).toEqual({ kind: "tap", name: "BAR" });
  });

  it.each([
    "https://party.example/",
    "https://party.example/tap/",
    "https://party.example/tap/%zz",
    "https://example.com/menu",
    "http://",
    "ftp://party.example/b/Ada",
    "www.example.com",
    "WIFI:S:party;T:WPA;P:secret;;",
    "mailto:ada@example.com",
    "tel:+4912345",
    "BEGIN:VCARD\nFN:Ada\nEND:VCARD",
    "BCD\n002\n1\nSCT",
    "otpauth://totp/x",
  ])("%j is not a badge", (text) => {
    expect(readCode(text)).toEqual({ kind: "foreign" });
  });

  it.each([
    ["https://party.example/b/%zz", "unreadable"],
    ["https://party.example/b/a%00b", "control"],
    ["x".repeat(129), "too_long"],
    ["a\u0007b", "control"],
    ["", "empty"],
  ])("%j is a badge that cannot be used: %s", (text, problem) => {
    expect(readCode(text)).toEqual(broken(problem));
  });
});
