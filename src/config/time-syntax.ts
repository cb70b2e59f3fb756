import { badValue, type Origin } from "./given.ts";
import type { StartChoice } from "./settings.ts";

/**
 * Reads a point in time or a duration before now.
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch
 * @throws NetlearnError when `text` is neither, or names a day that does not exist
 */
export function readTime(text: string, origin: Origin, now: number): number {
  const duration = DURATION.exec(text);
  if (text !== "" && duration !== null) {
    return now - durationOf(duration);
  }
  const time = TIME.test(text) ? Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text) : Number.NaN;
  if (Number.isNaN(time) || !dayExists(text)) {
    throw badValue(
      text,
      origin,
      "is neither a time nor a duration",
      "Write a day (2026-01-31), a time with its zone (2026-01-31T08:00:00Z), or how long ago (90m, 12h, 7d, 2w).",
    );
  }
  return time;
}

/**
 * Reads a length of time.
 *
 * @returns milliseconds, at least 1
 * @throws NetlearnError when `text` is none, or is nothing or longer than 30 days
 */
export function readDuration(text: string, origin: Origin): number {
  const match = DURATION.exec(text);
  const duration = text === "" || match === null ? 0 : durationOf(match);
  if (duration > 0 && duration <= LONGEST) return duration;
  throw badValue(text, origin, "is no length of time", "Write seconds, minutes or hours, up to 30 days: 30s, 5m, 1h.");
}

/**
 * Reads how long ago something may have been.
 *
 * @returns milliseconds, at least 1
 * @throws NetlearnError when `text` is no length of time, or is nothing or longer than ten years
 */
export function readAge(text: string, origin: Origin): number {
  const match = DURATION.exec(text);
  const age = text === "" || match === null ? 0 : durationOf(match);
  if (age > 0 && age <= LONGEST_AGE) return age;
  throw badValue(text, origin, "is no length of time", "Write days, weeks or hours: 30d, 12w, 48h.");
}

/** @throws NetlearnError unless `text` is a whole number of days, up to ten years */
export function readDays(text: string, origin: Origin): number {
  const days = /^\d{1,4}$/u.test(text) ? Number(text) : -1;
  if (days >= 0 && days <= 3650) return days;
  throw badValue(text, origin, "is no number of days", "Write a whole number: 14, or 0 to wait for nothing.");
}

/** @throws NetlearnError unless `text` is `earliest`, `latest`, or what `readTime` reads */
export function readStart(text: string, origin: Origin, now: number): StartChoice {
  if (text === "earliest" || text === "latest") return { kind: text };
  if (/^[a-z]{4,}$/iu.test(text)) {
    throw badValue(
      text,
      origin,
      "is no place to start",
      "Write earliest, latest, a time (2026-01-31) or how long ago (7d).",
    );
  }
  return { kind: "time", time: readTime(text, origin, now) };
}

const LONGEST = 30 * 86_400_000;
const LONGEST_AGE = 3650 * 86_400_000;
const DURATION = /^(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/u;
const UNITS = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000] as const;
// A time without a zone would mean something else on every machine, so it is not a time.
const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/u;

function durationOf(match: RegExpExecArray): number {
  return UNITS.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0);
}

// Date.parse reads 31 February as 3 March.
function dayExists(text: string): boolean {
  const day = text.slice(0, 10);
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
