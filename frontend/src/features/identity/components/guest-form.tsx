import { Camera, ScanQrCode, X } from "lucide-react";
import { type FormEvent, type KeyboardEvent, type RefObject, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { PhotoButton } from "@/features/identity/components/photo-button";
import { hasLiveCamera } from "@/features/identity/lib/qr/camera";
import { identityTexts } from "@/features/identity/texts";
import { guestProblem } from "@/lib/guest";
import { cn } from "@/lib/utils";

interface GuestFormProps {
  /** Who it is until another is named. */
  guest: string | undefined;
  /** Something else is said already. */
  terse: boolean;
  inputRef: RefObject<HTMLInputElement | null>;
  onName: (name: string) => void;
  onScan: () => void;
  onPhoto: (photo: File) => void;
  /** Somebody reaches for the scanner. */
  onReach: () => void;
  onForget: () => void;
  onCancel: () => void;
}

/** "Who is pouring?", with the ways to answer that work on this phone. */
export function GuestForm({ guest, terse, inputRef, onName, onCancel, ...ways }: GuestFormProps) {
  const [typed, setTyped] = useState("");
  const inputId = useId();
  const noteId = useId();
  const empty = typed.trim() === "";
  const problem = empty ? undefined : guestProblem(typed);
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (!empty && !problem) onName(typed.trim());
  };
  const leave = (event: KeyboardEvent) => {
    if (event.key === "Escape" && guest !== undefined) onCancel();
  };
  const hint = hasLiveCamera() ? identityTexts.ways.camera : identityTexts.ways.photo;
  return (
    <form onSubmit={save} onKeyDown={leave} className="flex flex-col gap-1.5">
      <div className="flex flex-wrap items-center">
        <label htmlFor={inputId} className="flex-1 basis-32 leading-tight font-bold">
          {identityTexts.label}
        </label>
        {guest !== undefined && (
          <>
            <Button variant="ghost" onClick={ways.onForget}>
              {identityTexts.forget}
            </Button>
            <Button
              variant="ghost"
              size="icon"
              aria-label={identityTexts.cancel}
              onClick={onCancel}
            >
              <X className="size-5" aria-hidden />
            </Button>
          </>
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        <Input
          className="flex-1 basis-36"
          id={inputId}
          ref={inputRef}
          autoFocus={guest !== undefined}
          placeholder={identityTexts.placeholder}
          autoComplete="nickname"
          autoCapitalize="words"
          enterKeyHint="done"
          aria-invalid={problem !== undefined}
          aria-describedby={problem || !terse ? noteId : undefined}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {empty ? (
          <ScanButton {...ways} />
        ) : (
          <Button type="submit" disabled={problem !== undefined}>
            {identityTexts.save}
          </Button>
        )}
      </div>
      {problem && (
        <p id={noteId} role="alert" className="text-sm text-destructive-text">
          {identityTexts.typedProblem[problem]}
        </p>
      )}
      {!problem && !terse && (
        <p
          id={noteId}
          className={cn(
            "text-sm leading-snug text-balance text-muted-foreground",
            // The button says as much, and a short screen needs the room.
            hasLiveCamera() && "[@media(height<37.5rem)]:sr-only",
          )}
        >
          {hint}
        </p>
      )}
    </form>
  );
}

type ScanButtonProps = Pick<GuestFormProps, "onScan" | "onPhoto" | "onReach">;

/** The live camera where the browser gives it; else a photo, which every phone can take. */
function ScanButton({ onScan, onPhoto, onReach }: ScanButtonProps) {
  if (!hasLiveCamera()) {
    return (
      <PhotoButton
        variant="offer"
        label={identityTexts.photoLabel}
        onPointerDown={onReach}
        onPhoto={onPhoto}
      >
        <Camera className="size-5" aria-hidden />
        <span>{identityTexts.photo}</span>
      </PhotoButton>
    );
  }
  return (
    <Button
      variant="offer"
      aria-label={identityTexts.scanLabel}
      aria-haspopup="dialog"
      onPointerDown={onReach}
      onClick={onScan}
    >
      <ScanQrCode className="size-5" aria-hidden />
      <span>{identityTexts.scan}</span>
    </Button>
  );
}
