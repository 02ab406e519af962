import { texts } from "@/lib/texts";

const millilitres = new Intl.NumberFormat(texts.locale, { maximumFractionDigits: 1 });
const live = new Intl.NumberFormat(texts.locale, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  roundingMode: "floor",
} as Intl.NumberFormatOptions);
const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });

/** "29.8", "30" */
export const formatMl = (ml: number): string => millilitres.format(ml);

/** One decimal always, so that the digits stand still while they count; never rounded up. */
export const formatLiveMl = (ml: number): string => live.format(ml);

/** Time of day on this phone. */
export const formatClock = (unix_ms: number): string => clock.format(unix_ms);
