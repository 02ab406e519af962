import { GlassWater, LayoutGrid, ListOrdered, type LucideIcon, Tv } from "lucide-react";
import { Link, useLocation } from "wouter";
import { SettingsButton } from "@/components/settings/settings-button";
import { LinkBadge } from "@/components/status/link-badge";
import { Logo } from "@/components/status/logo";
import { PartBoundary } from "@/components/status/part-boundary";
import { PlainStop } from "@/components/status/plain-stop";
import { StopBar } from "@/features/host/components/stop-bar";
import type { Stops } from "@/features/host/hooks/use-stops";
import { hostTexts } from "@/features/host/texts";
import { useLink } from "@/hooks/use-live";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";

/** Where the host is and can go, and STOP: at the bottom of a phone, up here on a desk. */
export function HostHeader({ stops }: { stops: Stops }) {
  return (
    <header className="z-20 flex flex-wrap items-center gap-x-4 bg-background pb-2 md:sticky md:top-0 md:min-h-20 md:gap-y-2 md:py-3">
      <PartBoundary>
        <HostHead />
      </PartBoundary>
      <PartBoundary rescue={<PlainStop />}>
        <StopBar stops={stops} />
      </PartBoundary>
    </header>
  );
}

function HostHead() {
  const link = useLink();
  return (
    <>
      <h1 className="me-auto flex min-h-13 items-center gap-2 text-xl font-extrabold tracking-tight md:me-2 md:text-2xl">
        <Logo className="size-7 md:size-8" />
        <span translate="no" className="md:sr-only lg:not-sr-only">
          {texts.app.name}
        </span>
      </h1>
      <div className="-me-2 flex items-center gap-1 md:order-2 md:ms-auto">
        <LinkBadge link={link} />
        <SettingsButton />
      </div>
      <HostNav />
    </>
  );
}

function HostNav() {
  const [path] = useLocation();
  const host = hostTexts;
  const pages: [path: string, name: string, Icon: LucideIcon][] = [
    ["/host", host.overview, LayoutGrid],
    ["/host/log", host.log, ListOrdered],
    ["/wall", host.wall, Tv],
    ["/", host.pour, GlassWater],
  ];
  return (
    <nav
      aria-label={host.nav}
      className="flex min-w-0 basis-full flex-wrap gap-1 rounded-2xl border bg-card p-1 md:order-1 md:basis-auto"
    >
      {pages.map(([to, name, Icon]) => (
        <Link
          key={to}
          href={to}
          aria-current={path === to ? "page" : undefined}
          className={cn(
            "flex min-h-12 min-w-0 flex-1 flex-col items-center justify-center gap-x-2 rounded-xl px-1 text-xs font-semibold md:min-h-11 md:flex-none md:flex-row md:px-3 md:text-base lg:px-4",
            path === to ? "bg-primary text-primary-foreground" : "text-muted-foreground",
          )}
        >
          <Icon className="size-4.5 shrink-0 md:hidden lg:block" aria-hidden />
          <span className="max-w-full truncate">{name}</span>
        </Link>
      ))}
    </nav>
  );
}
