import { ScanQrCode } from "lucide-react";
import { Button } from "@/components/ui/button";
import { ScanFooter, type ScanWay } from "@/features/identity/components/scan-frame";
import { usePhotoScan } from "@/features/identity/hooks/use-photo-scan";
import { hasLiveCamera } from "@/features/identity/lib/qr/camera";
import { identityTexts } from "@/features/identity/texts";
import { cn } from "@/lib/utils";

interface PhotoViewProps extends ScanWay {
  photo: File;
  onCamera: () => void;
}

/** A photo that was taken, shown while it is looked through. */
export function PhotoView({ photo, refusal, onText, onPhoto, onType, onCamera }: PhotoViewProps) {
  const { url, view } = usePhotoScan(photo, onText);
  const { scanner } = identityTexts;
  const failed = view.phase === "failed";
  const shown = url !== undefined && !(failed && view.problem === "picture");
  return (
    <>
      <div className="relative min-h-40 flex-1">
        {shown && (
          <img
            src={url}
            alt=""
            className={cn("absolute inset-0 size-full object-contain p-4", failed && "opacity-50")}
          />
        )}
      </div>
      <ScanFooter
        says={refusal ?? (failed ? scanner.problem[view.problem] : scanner.looking)}
        wrong={failed || refusal !== undefined}
        photoFirst={failed || refusal !== undefined}
        photoText={scanner.anotherPhoto}
        onPhoto={onPhoto}
        onType={onType}
      >
        {hasLiveCamera() && (
          <Button variant="overlay" onClick={onCamera} className="grow">
            <ScanQrCode className="size-5" aria-hidden />
            <span>{scanner.useCamera}</span>
          </Button>
        )}
      </ScanFooter>
    </>
  );
}
