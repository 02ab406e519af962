import type { ReactNode } from "react";
import { SettingsButton } from "@/components/settings/settings-button";
import { LinkBadge } from "@/components/status/link-badge";
import { Logo } from "@/components/status/logo";
import type { Link } from "@/lib/live-state";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";

interface PageHeaderProps {
  link: Link;
  /** What stands between the name and the state of the connection. */
  children?: ReactNode;
  className?: string;
}

export function PageHeader({ link, children, className }: PageHeaderProps) {
  return (
    <header
      className={cn(
        "flex min-h-13 flex-wrap items-center justify-between gap-x-3 md:min-h-20",
        className,
      )}
    >
      <h1 className="flex items-center gap-2 text-xl font-extrabold tracking-tight md:text-2xl">
        <Logo className="size-7 md:size-8" />
        <span translate="no">{texts.app.name}</span>
      </h1>
      <div className="contents">{children}</div>
      <div className="-me-2 flex items-center gap-1">
        <LinkBadge link={link} />
        <SettingsButton />
      </div>
    </header>
  );
}
