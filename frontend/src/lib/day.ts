/** Days of this phone's own calendar, in unix ms. Pure, but for the phone's time zone. */

/** Of what the log can hold: its moments are four digits of a year, and none is before 1970. */
const FIRST_YEAR = 1971;
const LAST_YEAR = 9998;

/** Midnight before `at_ms`, or so many days away from it: days are not all 24 hours long. */
export function midnight(at_ms: number, daysLater = 0): number {
  const day = new Date(at_ms);
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() + daysLater);
  return day.getTime();
}

/**
 * The same in whole seconds as the server takes it: a machine without a clock of its own begins in
 * 1970, where midnight may lie before all time.
 */
export const dayBegin_s = (at_ms: number, daysLater = 0): number =>
  Math.max(0, midnight(at_ms, daysLater) / 1000);

const two = (part: number): string => String(part).padStart(2, "0");

/** As a field for date and time holds it: "2026-11-22T16:05", in this phone's own time. */
export function localMinute(at_ms: number): string {
  const at = new Date(at_ms);
  const year = String(at.getFullYear()).padStart(4, "0");
  const date = `${year}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/**
 * What such a field holds; nothing while it holds nothing whole. Of a year that is being typed it
 * holds "0002", then "0020": nobody poured then.
 */
export function readLocalMinute(text: string): number | undefined {
  const at = new Date(text);
  return at.getFullYear() >= FIRST_YEAR && at.getFullYear() <= LAST_YEAR ? at.getTime() : undefined;
}
