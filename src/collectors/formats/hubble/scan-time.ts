import { midnight, timeOfDay } from "../time.ts";
import type { ByteCursor } from "./scan-cursor.ts";

const ZERO = 0x30;
/** `YYYY-MM-DDTHH:MM:SS`, and without the seconds. */
const WHOLE_SECONDS = 19;
const WHOLE_MINUTES = 16;
const MOST_FRACTION_DIGITS = 9;

/** Reads the times protojson writes: RFC 3339 in UTC with up to nine digits of a second. */
export class TimeReader {
  readonly #minuteText = new Uint8Array(WHOLE_MINUTES);
  #minute = Number.NaN;

  /** Milliseconds since the epoch of the string the cursor read last; NaN for one left to `parseTime`. */
  value({ bytes, stringStart, stringEnd }: ByteCursor): number {
    if (stringEnd - stringStart <= WHOLE_SECONDS || bytes[stringEnd - 1] !== 0x5a) {
      return Number.NaN;
    }
    if (bytes[stringStart + WHOLE_MINUTES] !== 0x3a) {
      return Number.NaN;
    }
    const second = timeOfDay(0, 0, digits(bytes, stringStart + WHOLE_MINUTES + 1, 2)) ?? Number.NaN;
    return this.#minutes(bytes, stringStart) + second + fraction(bytes, stringStart + WHOLE_SECONDS, stringEnd - 1);
  }

  /** Of the minute before; records come in the order of time, more or less. */
  #minutes(bytes: Uint8Array, start: number): number {
    const text = this.#minuteText;
    for (let index = WHOLE_MINUTES - 1; index >= 0; index--) {
      if (bytes[start + index] !== text[index]) {
        this.#minute = minuteOf(bytes, start);
        text.set(bytes.subarray(start, start + WHOLE_MINUTES));
        break;
      }
    }
    return this.#minute;
  }
}

function minuteOf(bytes: Uint8Array, start: number): number {
  if (
    bytes[start + 4] !== 0x2d ||
    bytes[start + 7] !== 0x2d ||
    bytes[start + 10] !== 0x54 ||
    bytes[start + 13] !== 0x3a
  ) {
    return Number.NaN;
  }
  const date = midnight(digits(bytes, start, 4), digits(bytes, start + 5, 2), digits(bytes, start + 8, 2));
  const time = timeOfDay(digits(bytes, start + 11, 2), digits(bytes, start + 14, 2), 0);
  return date === undefined || time === undefined ? Number.NaN : date + time;
}

/** NaN when a byte is no digit. */
function digits(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
  }
  return value;
}

/** Whole milliseconds of `.d{1,9}`, or 0 for nothing between `start` and `end`. */
function fraction(bytes: Uint8Array, start: number, end: number): number {
  const count = end - start - 1;
  if (count < 0) {
    return 0;
  }
  if (
    bytes[start] !== 0x2e ||
    count === 0 ||
    count > MOST_FRACTION_DIGITS ||
    Number.isNaN(digits(bytes, start + 1, count))
  ) {
    return Number.NaN;
  }
  const leading = digits(bytes, start + 1, Math.min(count, 3));
  return count === 1 ? leading * 100 : count === 2 ? leading * 10 : leading;
}
