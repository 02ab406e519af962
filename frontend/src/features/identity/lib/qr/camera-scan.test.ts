// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CameraScan, type ScanView } from "@/features/identity/lib/qr/camera-scan";
import { QrError } from "@/features/identity/lib/qr/decoder";

/** A camera that shows a frame when the test says so. jsdom has none. */
class FakeCamera {
  readonly track = Object.assign(new EventTarget(), {
    stop: vi.fn(),
    getCapabilities: () => this.abilities,
    applyConstraints: vi.fn(async () => undefined),
  });
  abilities: { torch?: boolean } = {};
  readonly stream = {
    getTracks: () => [this.track],
    getVideoTracks: () => [this.track],
  } as unknown as MediaStream;
  readonly open = vi.fn(async () => this.stream);
  #looks: (() => void)[] = [];
  readonly video = Object.assign(new EventTarget(), {
    srcObject: null as MediaStream | null,
    videoWidth: 1280,
    videoHeight: 720,
    play: async () => undefined,
    requestVideoFrameCallback: (look: () => void) => this.#looks.push(look),
  });

  get watched(): boolean {
    return this.#looks.length > 0;
  }

  showFrame(): void {
    const looks = this.#looks;
    this.#looks = [];
    for (const look of looks) look();
  }
}

let camera: FakeCamera;
let views: ScanView[];
let texts: string[];
let decode: ReturnType<typeof vi.fn<() => Promise<string | undefined>>>;
let scan: CameraScan;

const newest = () => views.at(-1);
const frame = async () => {
  await vi.waitUntil(() => camera.watched);
  camera.showFrame();
};

beforeEach(() => {
  camera = new FakeCamera();
  views = [];
  texts = [];
  decode = vi.fn(async () => undefined);
  vi.stubGlobal("createImageBitmap", async () => ({}));
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: camera.open } });
  const decoder = { decode, close: () => undefined };
  scan = new CameraScan(camera.video as unknown as HTMLVideoElement, () => decoder, {
    onView: (view) => views.push(view),
    onText: (text) => texts.push(text),
  });
});
afterEach(() => {
  scan.stop();
  vi.unstubAllGlobals();
});

it("looks at one frame after the other until it is stopped", async () => {
  decode.mockResolvedValueOnce(undefined).mockResolvedValueOnce("Ada");
  await scan.start();
  expect(newest()).toEqual({ phase: "looking", torch: undefined });
  await frame();
  await frame();
  await vi.waitUntil(() => texts.length > 0);
  expect(texts).toEqual(["Ada"]);
  expect(decode).toHaveBeenCalledTimes(2);
  await vi.waitUntil(() => camera.watched);
  scan.stop();
  camera.showFrame();
  expect(decode).toHaveBeenCalledTimes(2);
});

it("takes no frame while another is being looked at", async () => {
  let found: (text: string | undefined) => void = () => undefined;
  decode.mockReturnValue(
    new Promise((resolve) => {
      found = resolve;
    }),
  );
  await scan.start();
  await frame();
  await vi.waitUntil(() => decode.mock.calls.length === 1);
  expect(camera.watched).toBe(false);
  found(undefined);
  await vi.waitUntil(() => camera.watched);
});

describe("the camera", () => {
  it("is given back at once when it is stopped", async () => {
    await scan.start();
    scan.stop();
    expect(camera.track.stop).toHaveBeenCalled();
    expect(camera.video.srcObject).toBeNull();
  });

  it("is given back when the guest had left before it came", async () => {
    const starting = scan.start();
    scan.stop();
    await starting;
    expect(camera.track.stop).toHaveBeenCalled();
    expect(views).toEqual([{ phase: "starting" }]);
  });

  it("tells nothing of a code that was found too late", async () => {
    let found: (text: string) => void = () => undefined;
    decode.mockReturnValue(
      new Promise((resolve) => {
        found = resolve;
      }),
    );
    await scan.start();
    await frame();
    await vi.waitUntil(() => decode.mock.calls.length === 1);
    scan.stop();
    found("Ada");
    // All that follows from it has happened before the next task.
    await new Promise((resolve) => setTimeout(resolve));
    expect(texts).toEqual([]);
    expect(camera.watched).toBe(false);
  });

  it.each([
    ["NotAllowedError", "denied"],
    ["NotFoundError", "none"],
    ["NotReadableError", "busy"],
    ["TypeError", "failed"],
  ])("that answers %s is said to be %s", async (name, problem) => {
    camera.open.mockRejectedValue(new DOMException("no", name));
    await scan.start();
    expect(newest()).toEqual({ phase: "failed", problem });
  });

  it("that is taken away is said to be busy, and may be asked again", async () => {
    await scan.start();
    camera.track.dispatchEvent(new Event("ended"));
    expect(newest()).toEqual({ phase: "failed", problem: "busy" });
    await scan.start();
    expect(newest()).toMatchObject({ phase: "looking" });
  });
});

it("says when there is nothing that decodes", async () => {
  decode.mockRejectedValue(new QrError("unavailable"));
  await scan.start();
  await frame();
  await vi.waitUntil(() => newest()?.phase === "failed");
  expect(newest()).toEqual({ phase: "failed", problem: "unavailable" });
  expect(camera.track.stop).toHaveBeenCalled();
});

describe("the light", () => {
  beforeEach(() => {
    camera.abilities = { torch: true };
  });

  it("goes on where there is one", async () => {
    await scan.start();
    expect(newest()).toEqual({ phase: "looking", torch: false });
    await scan.switchTorch(true);
    expect(camera.track.applyConstraints).toHaveBeenCalledWith({ advanced: [{ torch: true }] });
    expect(newest()).toEqual({ phase: "looking", torch: true });
  });

  it("that does not obey is not said to be on", async () => {
    await scan.start();
    camera.track.applyConstraints.mockRejectedValue(new DOMException("no", "NotSupportedError"));
    await scan.switchTorch(true);
    expect(newest()).toEqual({ phase: "looking", torch: false });
  });
});
