import { useEffect, useEffectEvent, useState } from "react";
import { QrError, type QrProblem } from "@/features/identity/lib/qr/decoder";
import { openDecoder } from "@/features/identity/lib/qr/worker-decoder";

export type PhotoView =
  | { phase: "looking" }
  /** What it says; whoever asked has been told. */
  | { phase: "read" }
  | { phase: "failed"; problem: QrProblem | "no_code" };

/** Looks for a code in a photo. `url` shows it meanwhile. */
export function usePhotoScan(
  photo: File,
  onText: (text: string) => void,
): { url: string | undefined; view: PhotoView } {
  const [view, setView] = useState<PhotoView>({ phase: "looking" });
  const [url, setUrl] = useState<string>();
  const tell = useEffectEvent(onText);

  useEffect(() => {
    const shown = URL.createObjectURL(photo);
    setUrl(shown);
    return () => URL.revokeObjectURL(shown);
  }, [photo]);

  useEffect(() => {
    let wanted = true;
    const settle = (next: PhotoView) => {
      if (wanted) setView(next);
    };
    setView({ phase: "looking" });
    openDecoder()
      .decode(photo)
      .then(
        (text) => {
          settle(text ? { phase: "read" } : { phase: "failed", problem: "no_code" });
          if (wanted && text) tell(text);
        },
        (error) => {
          const problem = error instanceof QrError ? error.problem : "unavailable";
          settle({ phase: "failed", problem });
        },
      );
    return () => {
      wanted = false;
    };
  }, [photo]);

  return { url, view };
}
