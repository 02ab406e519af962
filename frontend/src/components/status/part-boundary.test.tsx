// @vitest-environment jsdom
import "@/test/browser";
import { act, render, screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lazily } from "@/components/status/lazily";
import { PartBoundary } from "@/components/status/part-boundary";
import { server } from "@/test/server";

let reachable: boolean;
let asked: number;
let serves: string;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  reachable = false;
  asked = 0;
  serves = "/assets/index-aaaaaaaa.js";
  document.head.innerHTML = `<script type="module" src="${serves}"></script>`;
  server.use(
    http.get("*/", () =>
      reachable ? HttpResponse.html(`<script src="${serves}"></script>`) : HttpResponse.error(),
    ),
  );
});
afterEach(() => {
  vi.useRealTimers();
  document.head.replaceChildren();
});

const view = () =>
  lazily(async () => {
    asked += 1;
    if (!reachable) throw new TypeError("Failed to fetch dynamically imported module");
    return { default: () => <p>the view</p> };
  });

async function open(View: ReturnType<typeof view>, rescue?: string): Promise<void> {
  await act(async () =>
    render(
      <>
        <p>all the rest</p>
        <PartBoundary rescue={rescue && <p>{rescue}</p>}>
          <View />
        </PartBoundary>
      </>,
    ),
  );
}
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

describe("a part of the page", () => {
  it("that does not load says so, beside what must be there, and leaves the rest alone", async () => {
    await open(view(), "STOP");
    expect(screen.getByRole("alert")).toHaveTextContent("This part of the page did not load.");
    expect(screen.getByText("STOP")).toBeVisible();
    expect(screen.getByText("all the rest")).toBeVisible();
  });

  it("asks again by itself, less and less often, until it is there", async () => {
    await open(view());
    expect(asked).toBe(1);
    for (const [ms, times] of [
      [1000, 2],
      [2000, 3],
      [4000, 4],
      [8000, 5],
    ] as const) {
      await pass(ms);
      expect(asked).toBe(times);
    }
    for (let times = 6; times < 10; times += 1) {
      await pass(15_000);
      expect(asked).toBe(times);
    }
    reachable = true;
    await pass(15_000);
    expect(screen.getByText("the view")).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("asks again as soon as the network is back, or when it is told to", async () => {
    await open(view());
    await act(async () => window.dispatchEvent(new Event("online")));
    expect(asked).toBe(2);
    reachable = true;
    await act(async () => screen.getByRole("button", { name: "Try again" }).click());
    expect(screen.getByText("the view")).toBeVisible();
  });

  it("that breaks is tried again too", async () => {
    let broken = true;
    const Part = () => {
      if (broken) throw new Error("insertBefore");
      return <p>mended</p>;
    };
    await act(async () =>
      render(
        <PartBoundary>
          <Part />
        </PartBoundary>,
      ),
    );
    expect(screen.getByRole("alert")).toHaveTextContent("This part of the page stopped working.");
    broken = false;
    await pass(1000);
    expect(screen.getByText("mended")).toBeVisible();
  });

  it("that belongs to a page the server no longer has offers the newer one", async () => {
    const View = lazily<object>(async () => {
      throw new TypeError("404");
    });
    reachable = true;
    serves = "/assets/index-bbbbbbbb.js";
    await act(async () =>
      render(
        <PartBoundary>
          <View />
        </PartBoundary>,
      ),
    );
    const timeout = 20_000;
    await vi.waitFor(
      () => expect(screen.getByRole("alert")).toHaveTextContent("The server has a newer page."),
      { timeout },
    );
    expect(screen.getByRole("button", { name: "Load the newer page" })).toBeVisible();
  });
});
