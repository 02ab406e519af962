import { Nfc, X } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { identityTexts } from "@/features/identity/texts";

interface TagOfferProps {
  /** The tag on the chosen tap's reader, if it is worth an offer. */
  tag: string | undefined;
  onTake: (tag: string) => void;
}

/**
 * A tag lies on the machine's reader: one press pours as it. Whoever does not want it says so once,
 * for as long as it lies there.
 */
export function TagOffer({ tag, onTake }: TagOfferProps) {
  const [declined, setDeclined] = useState<string>();
  if (declined !== undefined && declined !== tag) setDeclined(undefined);
  const offered = tag !== undefined && tag !== declined;
  return (
    <>
      {/* Always there, so that a screen reader hears what comes into it. */}
      <p aria-live="polite" className="sr-only">
        {offered && identityTexts.tag.seen}
      </p>
      {offered && (
        <div className="flex animate-appear gap-2">
          <Button variant="offer" className="min-w-0 flex-1" onClick={() => onTake(tag)}>
            <Nfc className="size-5" aria-hidden />
            <span className="min-w-0 py-1.5 leading-tight wrap-anywhere">
              {identityTexts.tag.offer({ tag })}
            </span>
          </Button>
          <Button
            variant="ghost"
            size="icon"
            aria-label={identityTexts.tag.decline}
            onClick={() => setDeclined(tag)}
          >
            <X className="size-5" aria-hidden />
          </Button>
        </div>
      )}
    </>
  );
}
