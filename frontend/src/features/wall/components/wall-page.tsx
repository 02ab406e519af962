import { LinkBadge } from "@/components/status/link-badge";
import { Logo } from "@/components/status/logo";
import { Clock } from "@/features/wall/components/clock";
import { JoinCode } from "@/features/wall/components/join-code";
import { LatestPours } from "@/features/wall/components/latest-pours";
import { WallGlass } from "@/features/wall/components/wall-glass";
import { useWakeLock } from "@/features/wall/hooks/use-wall";
import { joinAddress } from "@/features/wall/lib/wall";
import { wallTexts } from "@/features/wall/texts";
import { useLink, useLive, useTapNames } from "@/hooks/use-live";
import { isStale } from "@/lib/live-state";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";

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
