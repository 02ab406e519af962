import { CameraOff, Flashlight, RotateCcw } from "lucide-react";
import { Button } from "@/components/ui/button";
import { ScanFooter, type ScanWay, Viewfinder } from "@/features/identity/components/scan-frame";
import { useCameraScan } from "@/features/identity/hooks/use-camera-scan";
import type { ScanView } from "@/features/identity/lib/qr/camera-scan";
import { identityTexts } from "@/features/identity/texts";

function sentence(view: ScanView): string {
  const { scanner } = identityTexts;
  switch (view.phase) {
    case "starting":
      return scanner.starting;
    case "looking":
      return scanner.hint;
    case "failed":
      return scanner.problem[view.problem];
  }
}

/** The live camera, with a frame to hold the badge in. */
export function CameraView({ refusal, onText, onPhoto, onType }: ScanWay) {
  const { video, view, switchTorch, retry } = useCameraScan(onText);
  const { scanner } = identityTexts;
  const failed = view.phase === "failed";
  const torch = view.phase === "looking" ? view.torch : undefined;
  return (
    <>
      <video
        ref={video}
        muted
        playsInline
        aria-label={scanner.title}
        className="fixed inset-0 size-full object-cover"
      />
      <div className="relative grid flex-1 place-items-center py-4">
        {failed ? <CameraOff className="size-16 text-neutral-400" aria-hidden /> : <Viewfinder />}
      </div>
      <ScanFooter
        says={refusal ?? sentence(view)}
        wrong={failed || refusal !== undefined}
        photoFirst={failed}
        photoText={scanner.takePhoto}
        onPhoto={onPhoto}
        onType={onType}
      >
        {failed && (
          <Button variant="overlay" onClick={retry} className="grow">
            <RotateCcw className="size-5" aria-hidden />
            <span>{scanner.tryAgain}</span>
          </Button>
        )}
        {torch !== undefined && (
          <Button variant="overlay" aria-pressed={torch} onClick={() => switchTorch(!torch)}>
            <Flashlight className="size-5" aria-hidden />
            <span>{scanner.torch}</span>
          </Button>
        )}
      </ScanFooter>
    </>
  );
}
