import { useState } from "react";
import { useLogHead } from "@/features/log/hooks/use-log-head";
import { logTexts } from "@/features/log/texts";

/** Where the log ends now, for a host who keeps it elsewhere. Asked for when it is opened. */
export function LogHead() {
  const [open, setOpen] = useState(false);
  return (
    <details className="pb-3 text-muted-foreground" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary className="flex min-h-11 w-fit cursor-pointer items-center font-semibold">
        {logTexts.head.title}
      </summary>
      {open && <Head />}
    </details>
  );
}

function Head() {
  const { head, lost } = useLogHead();
  return (
    <>
      <p className="max-w-prose pb-2">{logTexts.head.meaning}</p>
      {/* Copied by one tap and hold: plain HTTP has no clipboard. */}
      {head && <code className="block font-mono break-all text-foreground select-all">{head}</code>}
      {lost && <p role="status">{logTexts.head.lost}</p>}
    </>
  );
}
