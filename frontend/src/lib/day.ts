/** Days of this phone's own calendar, in unix ms. Pure, but for the phone's time zone. */

/** Midnight before `at_ms`, or so many days away from it: days are not all 24 hours long. */
export function midnight(at_ms: number, daysLater = 0): number {
  const day = new Date(at_ms);
  day.setHours(0, 0, 0, 0);
  day.setDate(day.getDate() + daysLater);
  return day.getTime();
}
