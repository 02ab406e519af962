import { Settings2 } from "lucide-react";
import { useState } from "react";
import { lazily } from "@/components/status/lazily";
import { PartBoundary } from "@/components/status/part-boundary";
import { Button } from "@/components/ui/button";
import { texts } from "@/lib/texts";

const SettingsSheet = lazily(() => import("@/components/settings/settings-sheet"));

export function SettingsButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="ghost"
        size="icon"
        aria-label={texts.settings}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Settings2 className="size-5" aria-hidden />
      </Button>
      {open && (
        <PartBoundary>
          <SettingsSheet onClose={() => setOpen(false)} />
        </PartBoundary>
      )}
    </>
  );
}
