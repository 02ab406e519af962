import { Undo2 } from "lucide-react";
import { type RefObject, type SyntheticEvent, useRef, useState } from "react";
import { lazily } from "@/components/status/lazily";
import { PartBoundary } from "@/components/status/part-boundary";
import { Button } from "@/components/ui/button";
import { GuestForm } from "@/features/identity/components/guest-form";
import { GuestRow } from "@/features/identity/components/guest-row";
import { Notice } from "@/features/identity/components/notice";
import { TagOffer } from "@/features/identity/components/tag-offer";
import type { IdentityHandle } from "@/features/identity/hooks/use-identity";
import { codeRefusal, readCode } from "@/features/identity/lib/badge";
import { identityTexts } from "@/features/identity/texts";

const loadScanner = () => import("@/features/identity/components/scan-sheet");
const ScanSheet = lazily(loadScanner);
const warmScanner = () => {
  // Without a connection it does not come; the boundary says so when it is wanted.
  void loadScanner().then(
    ({ warm }) => warm(),
    () => undefined,
  );
};

/** After the scanner the focus is where it was opened, or on what stands there now. */
function focusAgain(who: HTMLElement | null): void {
  const opener = who?.querySelector<HTMLElement>("[aria-haspopup=dialog], input[type=file]");
  (opener ?? who?.querySelector("button"))?.focus();
}

/** What is pressed here is often gone with the press: the focus must not fall off the page then. */
function keepFocus({ currentTarget, target }: SyntheticEvent, who: HTMLElement | null): void {
  // What is shown over the page is a child of this panel to React only.
  if (!currentTarget.contains(target as Node)) return;
  if ((target as Element).closest("button, form, input") === null) return;
  setTimeout(() => document.activeElement === document.body && who?.focus());
}

interface IdentityPanelProps {
  identity: IdentityHandle;
  /** For whom the pour is that this phone has under way: that does not change any more. */
  pouringFor: string | undefined;
  /** The tag on the chosen tap's reader. */
  tag: string | undefined;
  /** The taps there are, for whoever scans a sticker instead of a badge. */
  taps: readonly string[];
  onChooseTap: (tap: string) => void;
  inputRef: RefObject<HTMLInputElement | null>;
}

/** Who pours: told by a badge, a tag or the keyboard, and remembered on this phone. */
export function IdentityPanel({
  identity,
  pouringFor,
  tag,
  taps,
  onChooseTap,
  inputRef,
}: IdentityPanelProps) {
  const { guest, before, tell } = identity;
  const who = useRef<HTMLDivElement>(null);
  const [editing, setEditing] = useState(false);
  /** What the scanner is open for: the camera, or a photo that was taken. */
  const [scanning, setScanning] = useState<"camera" | File>();

  const settle = (event: Parameters<typeof tell>[0]) => {
    tell(event);
    setEditing(false);
    setScanning(undefined);
  };
  /** Takes what was scanned, or says why not. */
  const takeCode = (text: string): string | undefined => {
    const reading = readCode(text);
    if (reading.kind === "badge") settle({ type: "badge_read", reading });
    const refusal = codeRefusal(reading, taps);
    if (reading.kind === "tap" && refusal === undefined) {
      onChooseTap(reading.name);
      setScanning(undefined);
    }
    return refusal;
  };

  const current = pouringFor ?? guest;
  const offered = tag !== guest && pouringFor === undefined ? tag : undefined;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: listens to what is pressed within
    <div
      className="flex flex-col gap-2"
      onClick={(event) => keepFocus(event, who.current)}
      onSubmit={(event) => keepFocus(event, who.current)}
      onKeyDown={(event) => event.key === "Escape" && keepFocus(event, who.current)}
    >
      <TagOffer tag={offered} onTake={(taken) => settle({ type: "tag_taken", tag: taken })} />
      <div ref={who} tabIndex={-1} className="outline-none">
        {current !== undefined && !(editing && pouringFor === undefined) ? (
          <GuestRow
            guest={current}
            locked={pouringFor !== undefined}
            onChange={() => setEditing(true)}
          />
        ) : (
          <GuestForm
            guest={guest}
            terse={identity.problem !== undefined || offered !== undefined}
            inputRef={inputRef}
            onName={(name) => settle({ type: "named", name })}
            onScan={() => setScanning("camera")}
            onPhoto={setScanning}
            onReach={warmScanner}
            onForget={() => settle({ type: "forgotten" })}
            onCancel={() => setEditing(false)}
          />
        )}
      </div>
      {!editing && <IdentityNotice identity={identity} />}
      <p aria-live="polite" className="sr-only">
        {identity.fresh && guest !== undefined && greetingOf(guest, before)}
      </p>
      {scanning && (
        <PartBoundary loading={<div className="fixed inset-0 z-50 bg-black" />}>
          <ScanSheet
            scanning={scanning}
            onScanning={setScanning}
            onCode={takeCode}
            onClose={() => setScanning(undefined)}
            onGone={(wish) => {
              if (wish === "type") inputRef.current?.focus();
              else focusAgain(who.current);
            }}
          />
        </PartBoundary>
      )}
    </div>
  );
}

/** What a badge has changed, or why it has not. */
function IdentityNotice({
  identity: { before, problem, tell, seen },
}: {
  identity: IdentityHandle;
}) {
  if (problem) {
    return (
      <Notice alert closeLabel={identityTexts.close} onClose={seen}>
        {identityTexts.badgeProblem[problem]}
      </Notice>
    );
  }
  if (before === undefined) return null;
  return (
    <Notice
      closeLabel={identityTexts.close}
      onClose={seen}
      action={
        <Button variant="ghost" onClick={() => tell({ type: "undone" })}>
          <Undo2 className="size-4" aria-hidden />
          <span>{identityTexts.undo}</span>
        </Button>
      }
    >
      <span>{`${identityTexts.instead} `}</span>
      <bdi translate="no" className="font-bold">
        {before}
      </bdi>
    </Notice>
  );
}

const greetingOf = (guest: string, before: string | undefined): string =>
  before === undefined
    ? identityTexts.greeting({ guest })
    : identityTexts.greetingInstead({ guest, before });
