import { CircleCheck, CircleX, TriangleAlert } from "lucide-react";
import { Sheet } from "@/components/ui/sheet";
import { TakeOver } from "@/features/host/components/take-over";
import { useWhy } from "@/features/host/hooks/use-why";
import { lastRestart } from "@/features/host/lib/host-view";
import { interlockWords, machineAdvice, machineWords } from "@/features/host/lib/interlock-words";
import type { Interlock, Machine } from "@/features/host/lib/wire";
import { hostTexts } from "@/features/host/texts";
import { useTap } from "@/hooks/use-live";
import { cn } from "@/lib/utils";
import type { Tap } from "@/types/wire";

/** Why a tap pours or does not: each of its interlocks as it is this second, and what to do. */
export function WhySheet({ tapName, onClose }: { tapName: string; onClose: () => void }) {
  const tap = useTap(tapName);
  return tap && <WhyOfTap tap={tap} onClose={onClose} />;
}

function WhyOfTap({ tap, onClose }: { tap: Tap; onClose: () => void }) {
  const { why, lost } = useWhy(tap);
  const host = hostTexts;
  const restart = lastRestart(tap);
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={host.whyOf({ tap: tap.name })}
      closeLabel={host.close}
    >
      {lost && (
        <p role="alert" className="pb-3 font-semibold text-warning-text">
          {host.whyLost}
        </p>
      )}
      {why ? (
        <>
          <p role="status" className="pb-2 font-semibold">
            {why.ready ? host.whyReady : host.whyNot}
          </p>
          <ul className={cn("divide-y", lost && "grayscale")}>
            {why.interlocks.map((lock) => (
              <Lock key={lock.name} lock={lock} machine={why.machine} />
            ))}
          </ul>
          {why.machine.adoptable && (
            <TakeOver key={why.machine.says_id} tap={tap.name} machine={why.machine} />
          )}
        </>
      ) : (
        !lost && <p className="text-muted-foreground">{host.whyLoading}</p>
      )}
      {restart && (
        <div className="flex items-start gap-3 border-t py-2.5" data-restart={restart.key}>
          <TriangleAlert className="mt-0.5 size-5 shrink-0 text-warning-text" aria-hidden />
          <div className="min-w-0 flex-1">
            <p className="font-semibold text-warning-text">{restart.title}</p>
            <p className="text-sm font-semibold">{restart.action}</p>
          </div>
        </div>
      )}
    </Sheet>
  );
}

function Lock({ lock, machine }: { lock: Interlock; machine: Machine }) {
  const words = interlockWords(lock);
  const { name, value } = words;
  const aboutMachine = lock.name === "right_machine";
  const detail = aboutMachine ? machineWords(machine) : words.detail;
  const action = aboutMachine ? machineAdvice(machine) : words.action;
  const Icon = lock.ok ? CircleCheck : CircleX;
  return (
    <li className="flex items-start gap-3 py-2.5" data-interlock={lock.name} data-ok={lock.ok}>
      <Icon
        className={cn(
          "mt-0.5 size-5 shrink-0",
          lock.ok ? "text-success-text" : "text-destructive-text",
        )}
        aria-hidden
      />
      <div className="min-w-0 flex-1">
        <p>
          <strong className="font-semibold">{`${name} `}</strong>
          <span className={lock.ok ? "text-muted-foreground" : "font-bold text-destructive-text"}>
            {value}
          </span>
        </p>
        {detail !== "" && <p className="text-sm break-words text-muted-foreground">{detail}</p>}
        {action !== "" && <p className="text-sm font-semibold">{action}</p>}
      </div>
    </li>
  );
}
