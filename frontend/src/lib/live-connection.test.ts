// @vitest-environment jsdom
import "@/test/browser";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveConnection } from "@/lib/live-connection";
import { FakeEventSource } from "@/test/fake-event-source";
import { aRow, aTap } from "@/test/samples";
import { server } from "@/test/server";

const snapshot = (version: number) => ({
  version,
  server_id: "a",
  status: { version, timestamp: 1, public_url: null, taps: [aTap()] },
  last_log_id: 0,
});

function setVisibility(state: "visible" | "hidden"): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  document.dispatchEvent(new Event("visibilitychange"));
}

let connection: LiveConnection;
const link = () => connection.getState().link;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  FakeEventSource.install();
  connection = new LiveConnection();
  connection.start();
});
afterEach(() => {
  connection.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const goLive = (version = 1) => FakeEventSource.newest.send("snapshot", snapshot(version));

describe("the live connection", () => {
  it("is live from the first snapshot on", () => {
    expect(link()).toBe("connecting");
    goLive();
    expect(link()).toBe("live");
  });

  it("tells at once of the first of a hundred messages that come in one go, then of the last", () => {
    goLive();
    vi.advanceTimersByTime(1);
    const versions: number[] = [];
    connection.subscribe(() => versions.push(connection.getState().version));
    for (let version = 2; version <= 101; version += 1) {
      FakeEventSource.newest.send("tap", { version, tap: aTap() });
    }
    expect(versions).toEqual([2]);
    vi.advanceTimersByTime(1);
    expect(versions).toEqual([2, 101]);
    vi.advanceTimersByTime(1000);
    expect(versions).toEqual([2, 101]);
  });

  it("reopens after an error, and is not live in between", () => {
    goLive();
    const first = FakeEventSource.newest;
    first.fail();
    expect(first.closed).toBe(true);
    expect(link()).toBe("lost");
    vi.advanceTimersByTime(500);
    expect(FakeEventSource.opened).toHaveLength(2);
    expect(link()).toBe("lost");
    goLive();
    expect(link()).toBe("live");
  });

  it("keeps what it knew while it is away", () => {
    goLive();
    FakeEventSource.newest.fail();
    expect(connection.getState()).toMatchObject({ known: true, taps: [aTap()] });
  });

  it("keeps trying for as long as the server is away, at most a few seconds apart", () => {
    for (let i = 0; i < 50; i += 1) {
      const before = FakeEventSource.opened.length;
      FakeEventSource.newest.fail();
      vi.advanceTimersByTime(3000);
      expect(FakeEventSource.opened.length).toBe(before + 1);
    }
  });

  it("notices a half-open line by its silence", () => {
    goLive();
    vi.advanceTimersByTime(11_000);
    FakeEventSource.newest.send("heartbeat", { version: 1, timestamp: 1 });
    vi.advanceTimersByTime(11_900);
    expect(link()).toBe("live");
    vi.advanceTimersByTime(200);
    expect(link()).toBe("lost");
  });

  it("gives up on a connection that brings no snapshot", () => {
    vi.advanceTimersByTime(5100);
    expect(link()).toBe("lost");
  });

  it.each([
    ["a skipped version", "tap", { version: 3, tap: aTap() }],
    ["a heartbeat of a change that never came", "heartbeat", { version: 2, timestamp: 1 }],
    ["a message that cannot be read", "tap", "{"],
    ["a message of another shape", "log", { version: 2, row: { id: "x" } }],
  ])("asks for a new snapshot on %s", (_, type, data) => {
    goLive();
    const stream = FakeEventSource.newest;
    stream.send(type, data);
    expect(stream.closed).toBe(true);
    vi.advanceTimersByTime(500);
    expect(FakeEventSource.opened).toHaveLength(2);
  });

  it("holds no connection while the page is hidden, and opens one at once when it is back", () => {
    goLive();
    setVisibility("hidden");
    expect(FakeEventSource.newest.closed).toBe(true);
    expect(link()).toBe("paused");
    vi.advanceTimersByTime(3_600_000);
    expect(FakeEventSource.opened).toHaveLength(1);
    setVisibility("visible");
    expect(FakeEventSource.opened).toHaveLength(2);
    expect(link()).toBe("connecting");
    goLive(9);
    expect(link()).toBe("live");
  });

  it("is lost as soon as the phone's network is, and back with it", () => {
    goLive();
    window.dispatchEvent(new Event("offline"));
    expect(FakeEventSource.newest.closed).toBe(true);
    expect(link()).toBe("lost");
    window.dispatchEvent(new Event("online"));
    goLive(9);
    expect(link()).toBe("live");
  });

  it("stays in the pocket when the network comes and goes", () => {
    goLive();
    setVisibility("hidden");
    window.dispatchEvent(new Event("offline"));
    expect(link()).toBe("paused");
    expect(FakeEventSource.opened).toHaveLength(1);
  });

  it("opens anew when a page comes back from the browser's cache", () => {
    goLive();
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    expect(FakeEventSource.opened).toHaveLength(2);
  });

  it("does not listen to a stream it has closed", () => {
    goLive();
    const old = FakeEventSource.newest;
    old.fail();
    old.send("snapshot", snapshot(7));
    expect(link()).toBe("lost");
  });

  it("fetches the log with each snapshot, and again if that fails", async () => {
    let asked = 0;
    server.use(
      http.get("*/api/logs", () => {
        asked += 1;
        return asked === 1 ? HttpResponse.error() : HttpResponse.json([aRow({ id: 5 })]);
      }),
    );
    goLive();
    const timeout = 20_000;
    await vi.waitFor(() => expect(asked).toBe(1), { interval: 1, timeout });
    await vi.waitFor(
      async () => {
        // Time passes, and the server is heard of meanwhile.
        FakeEventSource.newest.send("heartbeat", { version: 1, timestamp: 1 });
        await vi.advanceTimersByTimeAsync(2000);
        expect(connection.getState().log).toHaveLength(1);
      },
      { timeout },
    );
    expect(connection.getState().logLoaded).toBe(true);
  });

  it("lets everything go when it is stopped", () => {
    goLive();
    connection.stop();
    expect(FakeEventSource.newest.closed).toBe(true);
    setVisibility("visible");
    vi.advanceTimersByTime(60_000);
    expect(FakeEventSource.opened).toHaveLength(1);
  });
});
