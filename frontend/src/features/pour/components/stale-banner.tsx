import { useLive } from "@/hooks/use-live";
import { texts } from "@/lib/texts";

/** Says, over the glass, that what is shown may no longer be true, or that there is nothing yet. */
export function StaleBanner() {
  const { link, known } = useLive((state) => ({ link: state.link, known: state.known }));
  // A page that comes back to the front is up to date again before anybody could read a banner.
  if (link === "live" || (known && link !== "lost")) return null;
  const text = known ? texts.link.lostBanner : texts.link.loading;
  return (
    <p className="absolute inset-x-0 top-0 z-1 mx-auto w-fit max-w-full animate-appear rounded-xl border border-warning-text bg-card px-4 py-2 text-center text-sm text-balance text-warning-text">
      {text}
    </p>
  );
}
