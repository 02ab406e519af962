// @vitest-environment jsdom
import "@/test/browser";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveConnection } from "@/lib/live-connection";
import { FakeChannel } from "@/test/fake-channel";
import { FakeEventSource } from "@/test/fake-event-source";
import { aRow, aTap } from "@/test/samples";

const CHANNEL = "pourtocol.live.1";

const snapshot = (version: number, changes: object = {}) => ({
  version,
  server_id: "a",
  status: { version, timestamp: 1000, public_url: null, taps: [aTap()] },
  last_log_id: 0,
  ...changes,
});

let windows: LiveConnection[];

function open(): LiveConnection {
  const connection = new LiveConnection();
  windows.push(connection);
  connection.start();
  FakeChannel.deliver();
  return connection;
}

/** Time passes, and all words that are said meanwhile are heard. */
function pass(ms: number): void {
  for (let passed = 0; passed < ms; passed += 50) {
    vi.advanceTimersByTime(50);
    FakeChannel.deliver();
  }
}

function says(type: string, data: object): void {
  FakeEventSource.newest.send(type, data);
  FakeChannel.deliver();
}

const streams = () => FakeEventSource.opened.filter(({ closed }) => !closed).length;
const links = () => windows.map((one) => one.getState().link);
const versions = () => windows.map((one) => one.getState().version);
const channelOf = (index: number) => FakeChannel.named(CHANNEL)[index] as FakeChannel;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  FakeEventSource.install();
  FakeChannel.install();
  windows = [];
});
afterEach(() => {
  for (const one of windows) one.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the windows of one browser", () => {
  it("share one stream, and each hears all of it", () => {
    for (let i = 0; i < 7; i += 1) open();
    expect(streams()).toBe(1);
    says("snapshot", snapshot(1));
    says("tap", { version: 2, tap: aTap({ ready: false }) });
    says("log", { version: 3, row: aRow({ id: 9 }) });
    expect(links()).toEqual(Array(7).fill("live"));
    expect(versions()).toEqual(Array(7).fill(3));
    for (const one of windows) {
      expect(one.getState().taps).toEqual([aTap({ ready: false })]);
      expect(one.getState().lastLogId).toBe(9);
    }
  });

  it("tell a new one at once how everything is now", () => {
    open();
    says("snapshot", snapshot(4));
    says("tap", { version: 5, tap: aTap({ drink: "Gin" }) });
    says("tap", { version: 6, tap: aTap({ name: "rum" }) });
    says("log", { version: 7, row: aRow({ id: 12 }) });
    const late = open();
    expect(streams()).toBe(1);
    expect(late.getState()).toMatchObject({ link: "live", version: 7, lastLogId: 12 });
    expect(late.getState().taps).toEqual([aTap({ drink: "Gin" }), aTap({ name: "rum" })]);
    says("tap", { version: 8, tap: aTap() });
    expect(versions()).toEqual([8, 8]);
  });

  it("open one stream also when they are opened in the same instant, before any is heard", () => {
    localStorage.clear();
    const [first, second] = [new LiveConnection(), new LiveConnection()];
    windows.push(first, second);
    first.start();
    localStorage.clear();
    second.start();
    expect(streams()).toBe(2);
    FakeChannel.deliver();
    expect(streams()).toBe(1);
    const left = FakeEventSource.opened.find(({ closed }) => !closed);
    left?.send("snapshot", snapshot(1));
    FakeChannel.deliver();
    expect(links()).toEqual(["live", "live"]);
  });

  it("go on with the stream of another at once when the one that held it is closed", () => {
    for (let i = 0; i < 3; i += 1) open();
    says("snapshot", snapshot(1));
    windows.shift()?.stop();
    FakeChannel.deliver();
    expect(streams()).toBe(1);
    says("snapshot", snapshot(5));
    says("tap", { version: 6, tap: aTap() });
    expect(links()).toEqual(["live", "live"]);
    expect(versions()).toEqual([6, 6]);
  });

  it("miss one that is frozen, or has crashed, within two seconds", () => {
    for (let i = 0; i < 3; i += 1) open();
    says("snapshot", snapshot(1));
    channelOf(0).dead = true;
    pass(2000);
    // That of the dead window is nobody's business any more.
    const others = FakeEventSource.opened.slice(1).filter(({ closed }) => !closed);
    expect(others).toHaveLength(1);
    others[0]?.send("snapshot", snapshot(9));
    FakeChannel.deliver();
    expect(versions().slice(1)).toEqual([9, 9]);
    expect(links().slice(1)).toEqual(["live", "live"]);
  });

  it("agree on one again when one that was missed comes back", () => {
    for (let i = 0; i < 2; i += 1) open();
    says("snapshot", snapshot(1));
    channelOf(0).dead = true;
    pass(2000);
    says("snapshot", snapshot(9));
    channelOf(0).dead = false;
    FakeEventSource.opened[0]?.send("heartbeat", { version: 1, timestamp: 1 });
    FakeChannel.deliver();
    pass(100);
    expect(streams()).toBe(1);
    const left = FakeEventSource.opened.find(({ closed }) => !closed);
    left?.send("heartbeat", { version: 1, timestamp: 1 });
    FakeChannel.deliver();
    pass(1000);
    FakeEventSource.newest.send("snapshot", snapshot(20));
    FakeChannel.deliver();
    expect(streams()).toBe(1);
  });

  it("are all lost when the server is, and all back with it", () => {
    for (let i = 0; i < 3; i += 1) open();
    says("snapshot", snapshot(1));
    FakeEventSource.newest.fail();
    FakeChannel.deliver();
    expect(links()).toEqual(["lost", "lost", "lost"]);
    for (let i = 0; i < 5; i += 1) {
      pass(2600);
      expect(streams()).toBeLessThanOrEqual(1);
      FakeEventSource.newest.fail();
      FakeChannel.deliver();
    }
    pass(2600);
    says("snapshot", snapshot(1, { server_id: "b" }));
    expect(links()).toEqual(["live", "live", "live"]);
    expect(streams()).toBe(1);
  });

  it("do not trust what one of them passes on in pieces", () => {
    open();
    const other = open();
    says("snapshot", snapshot(1));
    // A word got lost between the windows.
    const channel = channelOf(1);
    channel.dead = true;
    says("tap", { version: 2, tap: aTap() });
    channel.dead = false;
    says("tap", { version: 3, tap: aTap({ ready: false }) });
    expect(other.getState().link).toBe("lost");
    pass(500);
    expect(other.getState()).toMatchObject({ link: "live", version: 3 });
    expect(streams()).toBe(1);
  });

  it("notice the silence of a line that is half open, through whichever of them holds it", () => {
    open();
    open();
    says("snapshot", snapshot(1));
    pass(12_500);
    expect(FakeEventSource.opened.length).toBeGreaterThan(1);
  });

  it("tell a new one the server's time as it is by now", () => {
    open();
    says("snapshot", snapshot(1, { uptime_ms: 5000 }));
    pass(2000);
    says("heartbeat", { version: 1, timestamp: 1002, uptime_ms: 7000 });
    pass(1000);
    const heard: string[] = [];
    const channel = new FakeChannel(CHANNEL);
    channel.onmessage = ({ data }) => {
      const word = data as { to?: string; data?: string };
      if (word.to === "late") heard.push(word.data ?? "");
    };
    channel.postMessage({ kind: "hello", from: "late" });
    FakeChannel.deliver();
    const told = JSON.parse(heard[0] ?? "");
    expect(told).toMatchObject({ uptime_ms: 8000, status: { timestamp: 1003 } });
  });
});

describe("a window whose browser has no channels", () => {
  it("has a stream of its own", () => {
    vi.stubGlobal(
      "BroadcastChannel",
      class {
        constructor() {
          throw new Error("not here");
        }
      },
    );
    open();
    says("snapshot", snapshot(1));
    FakeEventSource.newest.fail();
    vi.advanceTimersByTime(500);
    says("snapshot", snapshot(2));
    expect(links()).toEqual(["live"]);
    expect(streams()).toBe(1);
  });
});
