/** Looks through the camera until a code is found, as fast as the decoder can and no faster. */
import {
  type CameraProblem,
  cameraProblem,
  hasTorch,
  openCamera,
  releaseCamera,
  switchTorch,
} from "@/features/identity/lib/qr/camera";
import { type QrDecoder, QrError } from "@/features/identity/lib/qr/decoder";
import { middleSquare } from "@/features/identity/lib/qr/scan-sizes";

export type ScanView =
  | { phase: "starting" }
  /** `torch` is whether the light is on; nothing where there is none. */
  | { phase: "looking"; torch: boolean | undefined }
  | { phase: "failed"; problem: CameraProblem | "unavailable" };

export interface ScanEvents {
  onView(view: ScanView): void;
  /** A code was read. It goes on looking until it is stopped, and may read the same one again. */
  onText(text: string): void;
}

function onNextFrame(video: HTMLVideoElement, look: () => void): void {
  // Firefox before 132 does not tell of frames.
  if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(look);
  else requestAnimationFrame(look);
}

export class CameraScan {
  readonly #video: HTMLVideoElement;
  readonly #openDecoder: () => QrDecoder;
  readonly #events: ScanEvents;
  #stream: MediaStream | undefined;
  /** Counts starts and stops: what an earlier one still waits for comes to nothing. */
  #run = 0;

  constructor(video: HTMLVideoElement, openDecoder: () => QrDecoder, events: ScanEvents) {
    this.#video = video;
    this.#openDecoder = openDecoder;
    this.#events = events;
  }

  async start(): Promise<void> {
    this.stop();
    const run = this.#run;
    this.#events.onView({ phase: "starting" });
    let stream: MediaStream;
    try {
      stream = await openCamera();
    } catch (error) {
      if (run === this.#run) this.#fail(cameraProblem(error));
      return;
    }
    if (run !== this.#run) {
      releaseCamera(stream);
      return;
    }
    await this.#show(stream, run);
  }

  /** Gives the camera back, at once. */
  stop(): void {
    this.#run += 1;
    if (this.#stream) releaseCamera(this.#stream);
    this.#stream = undefined;
    this.#video.srcObject = null;
  }

  async switchTorch(on: boolean): Promise<void> {
    const run = this.#run;
    if (!this.#stream || !(await switchTorch(this.#stream, on)) || run !== this.#run) return;
    this.#events.onView({ phase: "looking", torch: on });
  }

  async #show(stream: MediaStream, run: number): Promise<void> {
    this.#stream = stream;
    this.#video.srcObject = stream;
    // Taken away from outside: another app has it now, or it was unplugged.
    stream.getVideoTracks()[0]?.addEventListener("ended", () => {
      if (run === this.#run) this.#fail("busy");
    });
    try {
      await this.#video.play();
    } catch (error) {
      if (run === this.#run) this.#fail(cameraProblem(error));
      return;
    }
    if (run !== this.#run) return;
    const torch = hasTorch(stream) ? false : undefined;
    this.#events.onView({ phase: "looking", torch });
    this.#lookOn(run);
  }

  #lookOn(run: number): void {
    onNextFrame(this.#video, () => {
      if (run === this.#run) void this.#look(run);
    });
  }

  async #look(run: number): Promise<void> {
    let text: string | undefined;
    try {
      const frame = await this.#frame();
      text = frame && (await this.#openDecoder().decode(frame));
    } catch (error) {
      // A single frame may fail to be taken; a decoder that is not there will not come.
      if (error instanceof QrError && run === this.#run) this.#fail("unavailable");
    }
    if (run !== this.#run) return;
    if (text) this.#events.onText(text);
    if (run === this.#run) this.#lookOn(run);
  }

  async #frame(): Promise<ImageBitmap | undefined> {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (width === 0 || height === 0) return undefined;
    const { x, y, side } = middleSquare({ width, height });
    return createImageBitmap(this.#video, x, y, side, side);
  }

  #fail(problem: CameraProblem | "unavailable"): void {
    this.stop();
    this.#events.onView({ phase: "failed", problem });
  }
}
