import { ChevronDown, LoaderCircle, Replace } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { takeOverMachine, type Wish } from "@/features/host/api";
import type { Machine } from "@/features/host/lib/wire";
import { hostTexts } from "@/features/host/texts";
import { reasonWords } from "@/lib/reason-words";
import { cn } from "@/lib/utils";

/**
 * A replaced board is taken over by the host, and by nobody else. Pressed twice, because a wrong
 * machine pours at the wrong place; goes once the server says that the machine is the tap's.
 */
export function TakeOver({ tap, machine }: { tap: string; machine: Machine }) {
  const [open, setOpen] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const [failed, setFailed] = useState<Exclude<Wish, { kind: "done" }>>();
  const words = hostTexts.machine;
  const takeOver = async () => {
    if (waiting) return;
    setWaiting(true);
    const wish = await takeOverMachine(tap, machine.says_id);
    setWaiting(false);
    setFailed(wish.kind === "done" ? undefined : wish);
  };
  const Icon = waiting ? LoaderCircle : Replace;
  return (
    <div className="flex flex-col gap-3 pt-3">
      <Button size="roomy" variant="secondary" aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronDown className={cn("size-5", open && "rotate-180")} aria-hidden />
        <span>{words.takeOver}</span>
      </Button>
      {open && (
        <>
          <p role="status" className="font-semibold">
            {[
              words.sure({ tap }),
              ...(machine.machine_of === null
                ? []
                : [words.takesFrom({ tap: machine.machine_of })]),
            ].join(" ")}
          </p>
          {failed && (
            <p role="alert" className="font-semibold text-destructive-text">
              {failed.kind === "lost" ? words.lost : reasonWords(failed.code, failed.reason)}
            </p>
          )}
          <Button size="roomy" onClick={takeOver}>
            <Icon className={cn("size-5", waiting && "animate-spin")} aria-hidden />
            <span>{words.yes}</span>
          </Button>
        </>
      )}
    </div>
  );
}
