import { Settings2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import { texts } from "@/lib/texts";

const SettingsSheet = lazy(() => import("@/components/settings/settings-sheet"));

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
        <Suspense>
          <SettingsSheet onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
