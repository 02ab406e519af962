// @vitest-environment jsdom
// Before React.
import { type Drawn, takeDrawn } from "@/test/drawn";
import "@/test/browser";
import { act, render, screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import type { ReactElement } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { Guest } from "@/App";
import HostArea from "@/features/host/components/host-area";
import WallPage from "@/features/wall/components/wall-page";
import { LiveContext } from "@/hooks/use-live";
import { initialLiveState, type LiveState } from "@/lib/live-state";
import { aPour, aRow, aTap } from "@/test/samples";
import { server } from "@/test/server";
import { ToldLive } from "@/test/with-live";
import type { Tap } from "@/types/wire";

const names = ["gin", "rum", "vodka", "water"] as const;
const pouring = (name: string, delivered_ml: number): Tap =>
  aTap({ name, state: "pouring", pour: aPour({ delivered_ml }), ready: false });

let live: ToldLive;

beforeEach(() => {
  localStorage.clear();
  const state: LiveState = {
    ...initialLiveState,
    link: "live",
    known: true,
    serverId: "a1",
    taps: names.map((name) => pouring(name, 5)),
    log: names.map((tap, id) => aRow({ tap, id, request_id: `r${id}`, status: "success" })),
    logLoaded: true,
  };
  live = new ToldLive(state);
  server.use(
    http.post("*/api/admission", () => HttpResponse.json({ success: true })),
    http.get("*/api/totals", () => HttpResponse.json({ since: 0, taps: [] })),
  );
});

async function open(page: ReactElement, part: () => Promise<unknown>): Promise<void> {
  await act(async () => render(<LiveContext value={live}>{page}</LiveContext>));
  await part();
  takeDrawn();
}

/** As the stream tells it: the other taps stay the objects they were. */
async function change(tap: Tap): Promise<Drawn[]> {
  const state = live.getState();
  const taps = state.taps.map((other) => (other.name === tap.name ? tap : other));
  await act(async () => live.tell({ ...state, taps }));
  return takeDrawn();
}

const outside = (drawn: Drawn[], tap: string) => drawn.filter((one) => one.tap !== tap);

describe("one tap's change draws that tap's parts and nothing else", () => {
  it("among the taps a guest may choose from", async () => {
    await open(<Guest stickerTap="gin" />, () => screen.findByRole("radio", { name: /rum/ }));
    const drawn = await change(pouring("rum", 6));
    expect(drawn.map(({ component }) => component)).toContain("TapBadge");
    expect(outside(drawn, "rum")).toEqual([]);
  });

  it("for the guest who watches it fill", async () => {
    await open(<Guest stickerTap="gin" />, () => screen.findByRole("radio", { name: /rum/ }));
    const drawn = await change(pouring("gin", 6));
    expect(drawn.map(({ component }) => component)).toContain("Glass");
    expect(outside(drawn, "gin")).toEqual([]);
  });

  it("on the host's overview", async () => {
    history.replaceState(null, "", "/host");
    await open(<HostArea log={null} />, () => screen.findByRole("article", { name: "rum" }));
    const drawn = await change(pouring("rum", 6));
    expect(drawn.map(({ component }) => component)).toContain("Glass");
    expect(outside(drawn, "rum")).toEqual([]);
  });

  it("on the host's overview also when its state is another, but for what sums them up", async () => {
    history.replaceState(null, "", "/host");
    await open(<HostArea log={null} />, () => screen.findByRole("article", { name: "rum" }));
    const drawn = await change(aTap({ name: "rum", stopped: true, ready: false }));
    const sums = new Set(outside(drawn, "rum").map(({ tap }) => tap));
    expect([...sums].filter((tap) => tap !== undefined)).toEqual([]);
    expect(drawn.map(({ component }) => component)).not.toContain("Overview");
  });

  it("on the wall", async () => {
    await open(<WallPage />, () => screen.findByRole("article", { name: "rum" }));
    const drawn = await change(pouring("rum", 6));
    expect(drawn.map(({ component }) => component)).toContain("Glass");
    expect(outside(drawn, "rum")).toEqual([]);
  });

  it("and a beat of the stream draws nothing", async () => {
    history.replaceState(null, "", "/host");
    await open(<HostArea log={null} />, () => screen.findByRole("article", { name: "rum" }));
    await act(async () => live.tell({ ...live.getState(), version: 7 }));
    expect(takeDrawn()).toEqual([]);
  });
});
