/** The phone's camera, as far as the page may have it. */

/** Why there is no picture: each wants something else done about it. */
export type CameraProblem = "denied" | "none" | "busy" | "failed";

/** On plain http a browser has no camera to give, whatever the guest would allow. */
export const hasLiveCamera = (): boolean =>
  window.isSecureContext && navigator.mediaDevices?.getUserMedia !== undefined;

const problems: Record<string, CameraProblem> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

export function cameraProblem(error: unknown): CameraProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  return problems[name] ?? "failed";
}

/** The camera at the back, where there is one. Rejects as `getUserMedia` does. */
export const openCamera = (): Promise<MediaStream> =>
  navigator.mediaDevices.getUserMedia({
    audio: false,
    video: {
      facingMode: { ideal: "environment" },
      width: { ideal: 1280 },
      height: { ideal: 720 },
    },
  });

export function releaseCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The DOM's types do not know of the light yet. */
type WithTorch<Type> = Type & { torch?: boolean };

export function hasTorch(stream: MediaStream): boolean {
  const [track] = stream.getVideoTracks();
  const abilities: WithTorch<MediaTrackCapabilities> = track?.getCapabilities?.() ?? {};
  return abilities.torch === true;
}

/** Whether the light obeyed. */
export async function switchTorch(stream: MediaStream, on: boolean): Promise<boolean> {
  const [track] = stream.getVideoTracks();
  const wish: WithTorch<MediaTrackConstraintSet> = { torch: on };
  try {
    await track?.applyConstraints({ advanced: [wish] });
    return track !== undefined;
  } catch {
    return false;
  }
}
