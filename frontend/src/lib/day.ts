/** Days of this phone's own calendar, in unix ms. Pure, but for the phone's time zone. */

/** Midnight before `at_ms`, or so many days away from it: days are not all 24 hours long. */
export function midnight(at_ms: number, daysLater = 0): number {
  const day = new Date(at_ms);
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() + daysLater);
  return day.getTime();
}

const two = (part: number): string => String(part).padStart(2, "0");

/** As a field for date and time holds it: "2026-11-22T16:05", in this phone's own time. */
export function localMinute(at_ms: number): string {
  const at = new Date(at_ms);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What such a field holds; nothing while it holds nothing whole. */
export function readLocalMinute(text: string): number | undefined {
  const at_ms = text === "" ? Number.NaN : new Date(text).getTime();
  return Number.isNaN(at_ms) ? undefined : at_ms;
}
