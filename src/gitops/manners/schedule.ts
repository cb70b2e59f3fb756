/** When pull requests may be opened and changed. */
export interface Schedule {
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** Any of them is enough; none: always. */
  readonly windows: readonly ScheduleWindow[];
}

/** Minutes since midnight, `from` inclusive and `to` exclusive; past midnight when `to` is not after `from`. */
export interface ScheduleWindow {
  /** Days on which it begins, 0 = Sunday. */
  readonly days: ReadonlySet<number>;
  readonly from: number;
  readonly to: number;
}

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const SYNTAX = /^(?<days>\*|[a-z]{3}(?:-[a-z]{3})?(?:,[a-z]{3}(?:-[a-z]{3})?)*) (?<from>\d\d:\d\d)-(?<to>\d\d:\d\d)$/;

/**
 * Reads `mon-fri 09:00-17:00`, `sat,sun 00:00-24:00` or `* 22:00-04:00`.
 *
 * @returns undefined when it is none of these
 */
export function parseWindow(text: string): ScheduleWindow | undefined {
  const parts = SYNTAX.exec(text.trim().toLowerCase())?.groups;
  const days = parseDays(parts?.["days"] ?? "");
  const from = parseTime(parts?.["from"] ?? "");
  const to = parseTime(parts?.["to"] ?? "");
  return days === undefined || from === undefined || to === undefined || from === 24 * 60
    ? undefined
    : { days, from, to };
}

/** @returns whether runtime and its time zone data know the name */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/**
 * Whether a moment lies in the schedule, by the clocks of its zone.
 *
 * @param now milliseconds since the epoch
 */
export function isScheduled(schedule: Schedule, now: number): boolean {
  if (schedule.windows.length === 0) {
    return true;
  }
  const { day, minute } = clockAt(now, schedule.timeZone);
  return schedule.windows.some(({ days, from, to }) =>
    from < to
      ? days.has(day) && minute >= from && minute < to
      : (days.has(day) && minute >= from) || (days.has((day + 6) % 7) && minute < to),
  );
}

/** `YYYY-MM-DD` by the clocks of a zone. */
export function dayAt(now: number, timeZone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(now);
}

function clockAt(now: number, timeZone: string): { readonly day: number; readonly minute: number } {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(now);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  return {
    day: DAYS.indexOf(part("weekday").toLowerCase()),
    minute: Number(part("hour")) * 60 + Number(part("minute")),
  };
}

function parseDays(text: string): ReadonlySet<number> | undefined {
  if (text === "*") {
    return new Set(DAYS.keys());
  }
  const days = new Set<number>();
  for (const range of text.split(",")) {
    const [first = -1, last = first] = range.split("-").map((name) => DAYS.indexOf(name));
    if (first < 0 || last < 0) {
      return undefined;
    }
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) {
        break;
      }
    }
  }
  return days;
}

function parseTime(text: string): number | undefined {
  const [hours = Number.NaN, minutes = Number.NaN] = text.split(":").map(Number);
  const total = hours * 60 + minutes;
  return minutes < 60 && total <= 24 * 60 ? total : undefined;
}
