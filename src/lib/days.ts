/** On how many days (UTC) whole hours since the epoch are. */
export function daysOf(hours: Iterable<number>): number {
  return new Set(Array.from(hours, (hour) => Math.floor(hour / 24))).size;
}
