import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";
import { CameraScan, type ScanView } from "@/features/identity/lib/qr/camera-scan";
import { openDecoder } from "@/features/identity/lib/qr/worker-decoder";

export interface CameraScanHandle {
  video: RefObject<HTMLVideoElement | null>;
  view: ScanView;
  switchTorch(on: boolean): void;
  /** Asks for the camera once more. */
  retry(): void;
}

/** The camera for as long as this is shown and the page is in front; each code read is told. */
export function useCameraScan(onText: (text: string) => void): CameraScanHandle {
  const video = useRef<HTMLVideoElement>(null);
  const scan = useRef<CameraScan | undefined>(undefined);
  const [view, setView] = useState<ScanView>({ phase: "starting" });
  const tell = useEffectEvent(onText);

  useEffect(() => {
    if (!video.current) return;
    const current = new CameraScan(video.current, openDecoder, {
      onView: setView,
      onText: (text) => tell(text),
    });
    scan.current = current;
    const follow = () => {
      if (document.visibilityState === "visible") void current.start();
      else current.stop();
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      current.stop();
    };
  }, []);

  return {
    video,
    view,
    switchTorch: (on) => void scan.current?.switchTorch(on),
    retry: () => void scan.current?.start(),
  };
}
