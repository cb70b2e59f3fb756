import type { ByteCursor } from "./scan-cursor.ts";
import { midnight, timeOfDay } from "./time.ts";

const ZERO = 0x30;
/** `YYYY-MM-DDTHH:MM:SS`. */
const WHOLE_SECONDS = 19;
const MOST_FRACTION_DIGITS = 9;
const PUNCTUATION: readonly (readonly [number, number])[] = [
  [4, 0x2d],
  [7, 0x2d],
  [10, 0x54],
  [13, 0x3a],
  [16, 0x3a],
];

/** Reads the times protojson writes: RFC 3339 in UTC with up to nine digits of a second. */
export class TimeReader {
  #date = -1;
  #midnight = 0;

  /** Milliseconds since the epoch of the string the cursor read last; NaN for one left to {@link parseTime}. */
  value({ bytes, stringStart, stringEnd }: ByteCursor): number {
    if (stringEnd - stringStart <= WHOLE_SECONDS || bytes[stringEnd - 1] !== 0x5a) {
      return Number.NaN;
    }
    for (const [offset, mark] of PUNCTUATION) {
      if (bytes[stringStart + offset] !== mark) {
        return Number.NaN;
      }
    }
    const time = timeOfDay(
      digits(bytes, stringStart + 11, 2),
      digits(bytes, stringStart + 14, 2),
      digits(bytes, stringStart + 17, 2),
    );
    const day = this.#day(bytes, stringStart);
    return time === undefined ? Number.NaN : day + time + fraction(bytes, stringStart + WHOLE_SECONDS, stringEnd - 1);
  }

  #day(bytes: Uint8Array, start: number): number {
    const year = digits(bytes, start, 4);
    const month = digits(bytes, start + 5, 2);
    const day = digits(bytes, start + 8, 2);
    const date = (year * 100 + month) * 100 + day;
    // Not-a-number is no date, and equal to none.
    if (date !== this.#date) {
      this.#midnight = midnight(year, month, day) ?? Number.NaN;
      this.#date = date;
    }
    return this.#midnight;
  }
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
