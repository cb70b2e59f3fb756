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

const DAY_LENGTH = 10;
/** `2026-03-10T10:40:56` and a Z at least. */
const SHORTEST = 20;
const LONGEST = 30;
const [ZERO, NINE, COLON, DOT, UPPER_T, UPPER_Z] = [0x30, 0x39, 0x3a, 0x2e, 0x54, 0x5a];

/** As {@link parseTime}, faster for many times of few days as Kubernetes writes them. */
export class TimeReader {
  #day = "";
  #midnight: number | undefined;

  read(text: string): number | undefined {
    const { length } = text;
    const isUsual =
      length >= SHORTEST &&
      length <= LONGEST &&
      text.charCodeAt(DAY_LENGTH) === UPPER_T &&
      text.charCodeAt(length - 1) === UPPER_Z &&
      text.charCodeAt(13) === COLON &&
      text.charCodeAt(16) === COLON;
    return (isUsual ? this.#usual(text) : undefined) ?? parseTime(text);
  }

  #usual(text: string): number | undefined {
    const fraction = fractionOf(text);
    const clock = timeOfDay(twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17));
    if (clock === undefined || fraction === undefined || Number.isNaN(clock)) {
      return undefined;
    }
    if (!text.startsWith(this.#day) || this.#day === "") {
      this.#day = text.slice(0, DAY_LENGTH);
      this.#midnight = parseTime(`${this.#day}T00:00:00Z`);
    }
    return this.#midnight === undefined ? undefined : this.#midnight + clock + fraction;
  }
}

/** NaN when they are none. */
function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= ZERO && code <= NINE ? code - ZERO : Number.NaN;
}

/** Milliseconds of `.465597700Z` at the end; undefined when something else stands there. */
function fractionOf(text: string): number | undefined {
  const end = text.length - 1;
  if (end === SHORTEST - 1) {
    return 0;
  }
  let value = 0;
  for (let at = SHORTEST; at < end; at++) {
    value += digit(text, at) * (MILLISECONDS[at - SHORTEST] ?? 0);
  }
  return text.charCodeAt(SHORTEST - 1) !== DOT || end === SHORTEST || Number.isNaN(value) ? undefined : value;
}

/** What the digits of a fraction are worth; those behind the third are cut off. */
const MILLISECONDS = [100, 10, 1];
