import type { LiveState } from "@/lib/live-state";
import { texts } from "@/lib/texts";

/** Says, over the glass, that what is shown may no longer be true. */
export function StaleBanner({ live }: { live: LiveState }) {
  const text = live.known ? texts.link.lostBanner : texts.link.loading;
  return (
    <p className="absolute inset-x-0 top-0 z-1 mx-auto w-fit max-w-full animate-appear rounded-xl border border-warning-text bg-card px-4 py-2 text-center text-sm text-balance text-warning-text">
      {text}
    </p>
  );
}
