import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { CameraView } from "@/features/identity/components/camera-view";
import { PhotoView } from "@/features/identity/components/photo-view";
import { closeDecoder, openDecoder } from "@/features/identity/lib/qr/worker-decoder";
import { identityTexts } from "@/features/identity/texts";
import { holdBack } from "@/lib/back";

/** Fetches what decodes, before it is needed. */
export const warm = (): void => {
  openDecoder();
};

interface ScanSheetProps {
  /** What is looked at: the live camera, or a photo. */
  scanning: "camera" | File;
  onScanning: (scanning: "camera" | File) => void;
  /** Takes what was read, or says in a sentence why it does not. */
  onCode: (text: string) => string | undefined;
  onClose: () => void;
  /** It has gone: what had the focus gets it back, or the field, if the guest would rather type. */
  onGone: (wish: "type" | undefined) => void;
}

/** The scanner, over the whole screen. Dark in any light: it is a picture that one looks at. */
export default function ScanSheet({
  scanning,
  onScanning,
  onCode,
  onClose,
  onGone,
}: ScanSheetProps) {
  const [refusal, setRefusal] = useState<string>();
  const typing = useRef(false);
  const lastRead = useRef<string>(undefined);
  useEffect(() => closeDecoder, []);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => holdBack(() => close.current()), []);

  const read = (text: string) => {
    // The camera sees the same code in every frame.
    if (text === lastRead.current) return;
    lastRead.current = text;
    const problem = onCode(text);
    // A phone in the hand says that something was read, where it can.
    navigator.vibrate?.(problem === undefined ? 40 : [20, 60, 20]);
    setRefusal(problem);
  };
  const look = (at: "camera" | File) => {
    lastRead.current = undefined;
    setRefusal(undefined);
    onScanning(at);
  };
  const ways = {
    refusal,
    onText: read,
    onPhoto: look,
    onType: () => {
      typing.current = true;
      onClose();
    },
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onGone(typing.current ? "type" : undefined);
          }}
          className="fixed inset-0 z-50 [--ring:#ffd08a] flex animate-fade flex-col overflow-x-hidden overflow-y-auto bg-black text-white outline-none"
        >
          <header className="relative z-10 flex items-center gap-2 ps-4 pe-2 pt-[max(0.5rem,env(safe-area-inset-top))]">
            <Dialog.Title className="min-w-0 flex-1 text-lg font-bold">
              {identityTexts.scanner.title}
            </Dialog.Title>
            <Dialog.Close asChild>
              <Button variant="overlay" size="icon" aria-label={identityTexts.scanner.close}>
                <X className="size-5" aria-hidden />
              </Button>
            </Dialog.Close>
          </header>
          {scanning === "camera" ? (
            <CameraView {...ways} />
          ) : (
            <PhotoView {...ways} photo={scanning} onCamera={() => look("camera")} />
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
