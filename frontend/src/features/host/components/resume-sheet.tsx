import { LoaderCircle, Play } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Sheet } from "@/components/ui/sheet";
import type { Wish } from "@/features/host/api";
import type { Stops } from "@/features/host/hooks/use-stops";
import { newestStop, type Scope } from "@/features/host/lib/host-stop";
import { hostTexts } from "@/features/host/texts";
import { useLive } from "@/hooks/use-live";
import { reasonWords } from "@/lib/reason-words";

interface ResumeSheetProps {
  scope: Scope;
  resume: Stops["resume"];
  onClose: () => void;
}

/** Asks once more: unlike a stop, letting machines pour again deserves a second thought. */
export function ResumeSheet({ scope, resume, onClose }: ResumeSheetProps) {
  /** The newest stop that is seen now. */
  const newest = useLive(({ taps }) => newestStop(taps, scope));
  // Whoever stops while the host thinks it over is not overruled by the press that follows.
  const [first] = useState(newest);
  const [waiting, setWaiting] = useState(false);
  const [failed, setFailed] = useState<Exclude<Wish, { kind: "done" }>>();
  const host = hostTexts;
  const confirm = async () => {
    if (waiting) return;
    setWaiting(true);
    // Who has read that it was stopped again, and presses, means that stop too.
    const told = failed?.kind === "refused" && failed.code === "stopped_again";
    const resumed = await resume(scope, told ? newest : first);
    setWaiting(false);
    if (resumed.kind === "done") onClose();
    else setFailed(resumed);
  };
  const Icon = waiting ? LoaderCircle : Play;
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={scope === undefined ? host.resumeAllTitle : host.resumeTitle({ tap: scope })}
      closeLabel={host.close}
    >
      <p>{host.resumeAdvice}</p>
      {failed && (
        <p role="alert" className="pt-3 font-semibold text-destructive-text">
          {failed.kind === "lost" ? host.resumeLost : reasonWords(failed.code, failed.reason)}
        </p>
      )}
      <div className="flex flex-col gap-2 pt-5 md:flex-row-reverse">
        <Button size="roomy" onClick={confirm} className="md:flex-1">
          <Icon className={waiting ? "size-5 animate-spin" : "size-5"} aria-hidden />
          <span>{host.resumeYes}</span>
        </Button>
        <Button size="roomy" variant="secondary" onClick={onClose} className="md:flex-1">
          {host.resumeNo}
        </Button>
      </div>
    </Sheet>
  );
}
