import { Camera, CircleAlert, Keyboard } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { PhotoButton } from "@/features/identity/components/photo-button";
import { identityTexts } from "@/features/identity/texts";
import { cn } from "@/lib/utils";

/** What every way of scanning has in common. */
export interface ScanWay {
  /** Why what was read last is of no use. */
  refusal: string | undefined;
  onText: (text: string) => void;
  onPhoto: (photo: File) => void;
  onType: () => void;
}

interface ScanFooterProps extends Pick<ScanWay, "onPhoto" | "onType"> {
  /** How it stands, in a sentence. */
  says: string;
  wrong: boolean;
  /** A photo is the way that is left. */
  photoFirst: boolean;
  photoText: string;
  /** What else there is to press. */
  children?: ReactNode;
}

/** Below the picture: how it stands, and the other ways. */
export function ScanFooter({
  says,
  wrong,
  photoFirst,
  photoText,
  children,
  ...ways
}: ScanFooterProps) {
  return (
    <div className="relative z-10 flex flex-col items-center gap-4 px-4 pt-3 pb-[max(1.25rem,env(safe-area-inset-bottom))]">
      <p
        role={wrong ? "alert" : undefined}
        aria-live={wrong ? undefined : "polite"}
        className={cn(
          "flex max-w-md items-center gap-2 rounded-xl px-4 py-2.5 text-balance",
          wrong ? "bg-white text-black" : "bg-neutral-900 text-white",
        )}
      >
        {wrong && <CircleAlert className="size-5 shrink-0 text-red-700" aria-hidden />}
        <span>{says}</span>
      </p>
      <div className="flex w-full max-w-md flex-wrap justify-center gap-2">
        <span className="contents">{children}</span>
        <PhotoButton
          variant={photoFirst ? "default" : "overlay"}
          onPhoto={ways.onPhoto}
          className="grow"
        >
          <Camera className="size-5" aria-hidden />
          <span>{photoText}</span>
        </PhotoButton>
        <Button variant="overlay" onClick={ways.onType} className="grow">
          <Keyboard className="size-5" aria-hidden />
          <span>{identityTexts.scanner.type}</span>
        </Button>
      </div>
    </div>
  );
}

const CORNERS =
  "M4 26V14A10 10 0 0 1 14 4H26M74 4H86A10 10 0 0 1 96 14V26M96 74V86A10 10 0 0 1 86 96H74M26 96H14A10 10 0 0 1 4 86V74";

/** Where to hold the code: all around it is darker. */
export function Viewfinder() {
  return (
    <div className="relative aspect-square w-[min(70vw,45svh,22rem)] rounded-[11%] shadow-[0_0_0_100vmax_rgb(0_0_0/0.55)]">
      <svg
        viewBox="0 0 100 100"
        className="absolute -inset-[4%] size-[108%]"
        aria-hidden="true"
        focusable="false"
      >
        <path d={CORNERS} fill="none" stroke="#ffb13d" strokeWidth="3" strokeLinecap="round" />
      </svg>
    </div>
  );
}
