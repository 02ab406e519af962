import { LinkBadge } from "@/components/status/link-badge";
import { Logo } from "@/components/status/logo";
import { Clock } from "@/components/wall/clock";
import { JoinCode } from "@/components/wall/join-code";
import { LatestPours } from "@/components/wall/latest-pours";
import { WallGlass } from "@/components/wall/wall-glass";
import { useLink, useLive, useTapNames } from "@/hooks/use-live";
import { useWakeLock } from "@/hooks/use-wall";
import { isStale } from "@/lib/live-state";
import { texts } from "@/lib/texts";
import { wallTexts } from "@/lib/texts/wall";
import { cn } from "@/lib/utils";
import { joinAddress } from "@/lib/wall";

/**
 * For a television or a tablet on the wall: what the taps do, read from across the room. Nothing to
 * press.
 */
export default function WallPage() {
  const names = useTapNames();
  useWakeLock();
  const address = joinAddress(
    useLive(({ publicUrl }) => publicUrl),
    window.location,
  );
  const stale = useLive(isStale);
  const link = useLink();

  return (
    <div className="wall flex h-svh flex-col gap-[2vmin] overflow-hidden p-[3vmin]">
      <header className="flex items-center justify-between gap-4">
        <h1 className="flex items-center gap-[0.4em] text-[max(1.25rem,4vmin)] font-extrabold tracking-tight">
          <Logo className="size-[1.3em]" />
          <span translate="no">{texts.app.name}</span>
        </h1>
        <div className="flex items-center gap-4">
          {stale && <LinkBadge link={link} />}
          <Clock />
        </div>
      </header>
      <main className="flex min-h-0 flex-1 flex-col gap-[3vmin] landscape:flex-row">
        <section
          aria-label={wallTexts.taps}
          className={cn(
            "wall-taps min-h-0 min-w-0 flex-3 transition-[filter]",
            stale && "grayscale",
          )}
        >
          {names.map((name) => (
            <WallGlass key={name} tapName={name} />
          ))}
        </section>
        <aside className="flex min-h-0 min-w-0 flex-1 gap-[3vmin] landscape:flex-col portrait:flex-row-reverse">
          {address !== undefined && <JoinCode address={address} />}
          <LatestPours />
        </aside>
      </main>
      {link === "lost" && (
        <p role="status" className="text-center text-[max(1rem,2.4vmin)] text-warning-text">
          {wallTexts.lost}
        </p>
      )}
    </div>
  );
}
