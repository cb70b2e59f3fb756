/** Milliseconds of a day. */
export const MS_PER_DAY = 86_400_000;

/** On how many days (UTC) whole hours since the epoch are. */
export function daysOf(hours: Iterable<number>): number {
  return new Set(Array.from(hours, (hour) => Math.floor(hour / 24))).size;
}
