import { texts } from "@/lib/texts";

/** Made when first used: only then is it settled which language the page speaks. */
function once<Formatter>(make: () => Formatter): () => Formatter {
  let made: Formatter | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const millilitres = once(() => new Intl.NumberFormat(texts.locale, { maximumFractionDigits: 1 }));
const live = once(
  () =>
    new Intl.NumberFormat(texts.locale, {
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
      roundingMode: "floor",
    } as Intl.NumberFormatOptions),
);
const clock = once(
  () => new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" }),
);

/** "29.8", "30" */
export const formatMl = (ml: number): string => millilitres().format(ml);

/** One decimal always, so that the digits stand still while they count; never rounded up. */
export const formatLiveMl = (ml: number): string => live().format(ml);

/** Time of day on this phone. */
export const formatClock = (unix_ms: number): string => clock().format(unix_ms);
