const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?(?:([Zz])|([+-])(\d\d):?(\d\d))$/;

/**
 * Milliseconds since the epoch of an RFC 3339 time, whole, further digits cut off; undefined when it is none. `Date`
 * would refuse some of the offsets and take much that is no time at all.
 */
export function parseTime(text: string): number | undefined {
  const match = RFC3339.exec(text);
  if (match === null) {
    return undefined;
  }
  const number = (group: number): number => Number(match[group] ?? 0);
  const date = midnight(number(1), number(2), number(3));
  const clock = timeOfDay(number(4), number(5), number(6));
  if (date === undefined || clock === undefined) {
    return undefined;
  }
  const milliseconds = Number(`${match[7] ?? ""}000`.slice(0, 3));
  const offset = (number(10) * 60 + number(11)) * 60_000;
  return date + clock + milliseconds + (match[9] === "-" ? offset : -offset);
}

/** Milliseconds since the epoch of a day's first moment (UTC); undefined for a day no calendar has. */
export function midnight(year: number, month: number, day: number): number | undefined {
  const time = Date.UTC(year, month - 1, day);
  const date = new Date(time);
  // Date.UTC rolls 31 February over and moves years below 100 into the last century.
  const same = date.getUTCDate() === day && date.getUTCMonth() === month - 1 && date.getUTCFullYear() === year;
  return same ? time : undefined;
}

/** Milliseconds since midnight; undefined for no time of day. A leap second counts as the one after it. */
export function timeOfDay(hour: number, minute: number, second: number): number | undefined {
  return hour > 23 || minute > 59 || second > 60 ? undefined : ((hour * 60 + minute) * 60 + second) * 1000;
}
