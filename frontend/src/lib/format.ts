import { currentLanguage } from "@/lib/texts/speech";

/** Made when first used, and anew when the page speaks another language. */
function once<Formatter>(make: () => Formatter): () => Formatter {
  let made: { formatter: Formatter; language: string } | undefined;
  return () => {
    const language = currentLanguage();
    if (made?.language !== language) made = { formatter: make(), language };
    return made.formatter;
  };
}

const millilitres = once(
  () => new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 1 }),
);
const live = once(
  () =>
    new Intl.NumberFormat(currentLanguage(), {
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
      roundingMode: "floor",
    } as Intl.NumberFormatOptions),
);
const litres = once(
  () =>
    new Intl.NumberFormat(currentLanguage(), {
      minimumFractionDigits: 2,
      maximumFractionDigits: 2,
    }),
);
const whole = once(() => new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 0 }));
const moment = once(
  () =>
    new Intl.DateTimeFormat(undefined, {
      day: "numeric",
      month: "short",
      hour: "numeric",
      minute: "2-digit",
    }),
);
const second = once(
  () =>
    new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
);
const clock = once(
  () => new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" }),
);

/** "29.8", "30" */
export const formatMl = (ml: number): string => millilitres().format(ml);

/** One decimal always, so that the digits stand still while they count; never rounded up. */
export const formatLiveMl = (ml: number): string => live().format(ml);

/** What many pours come to: "830 ml", "12.40 l" */
export const formatVolume = (ml: number): string =>
  ml < 1000 ? `${whole().format(ml)}\u00a0ml` : `${litres().format(ml / 1000)}\u00a0l`;

/** "12,400" */
export const formatCount = (count: number): string => whole().format(count);

/** Day and time of day on this phone. */
export const formatMoment = (unix_ms: number): string => moment().format(unix_ms);

/** Time of day on this phone, to the second. */
export const formatSecond = (unix_ms: number): string => second().format(unix_ms);

/** Time of day on this phone. */
export const formatClock = (unix_ms: number): string => clock().format(unix_ms);
