import { Wifi, WifiOff } from "lucide-react";
import type { Link } from "@/lib/live-state";
import { texts } from "@/lib/texts";
import { cn } from "@/lib/utils";

/** Whether what is shown is true now. */
export function LinkBadge({ link }: { link: Link }) {
  const live = link === "live";
  const Icon = link === "lost" ? WifiOff : Wifi;
  return (
    <p
      className={cn(
        "flex items-center gap-1.5 rounded-full border px-3 py-1 text-sm font-semibold",
        live ? "text-success-text" : "text-warning-text",
      )}
    >
      <Icon className={cn("size-4", !live && "animate-breathe")} aria-hidden />
      <span>{texts.link[link]}</span>
    </p>
  );
}
