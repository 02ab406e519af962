import { Pencil } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Avatar } from "@/features/identity/components/avatar";
import { identityTexts } from "@/features/identity/texts";

interface GuestRowProps {
  guest: string;
  /** A pour runs under this name. */
  locked: boolean;
  onChange: () => void;
}

/** Who pours, always in sight. */
export function GuestRow({ guest, locked, onChange }: GuestRowProps) {
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-x-3">
      <Avatar key={guest} guest={guest} />
      <p className="min-w-0 flex-1 basis-28 leading-tight">
        <span className="block text-sm text-muted-foreground">{`${identityTexts.pouringAs} `}</span>
        <strong className="block truncate text-lg leading-tight font-bold">
          {/* A name of another script does not turn the line around. */}
          <bdi translate="no">{guest}</bdi>
        </strong>
      </p>
      <Button variant="ghost" className="-me-3" disabled={locked} onClick={onChange}>
        <Pencil className="size-4" aria-hidden />
        <span>{identityTexts.change}</span>
      </Button>
    </div>
  );
}
