const HOUR = 3_600_000;
const DAY_HOURS = 24;
/** From here on days are counted; a shorter window would have too few of them. */
const DAYS_FROM_HOURS = 3 * DAY_HOURS;

/** How a window is cut into equal sampling units, from its first hour on. */
export interface Units {
  readonly unit: "day" | "hour";
  /** m; 0 without a window. */
  readonly count: number;
  /** The distinct units a list of hours since the epoch falls into; how many there are is an edge's incidence. */
  readonly incidence: (hours: readonly number[]) => number;
}

/** A stretch of time, milliseconds since the epoch. */
export interface ObservedWindow {
  readonly first: number;
  readonly last: number;
}

/**
 * Cuts the window: days when it spans three of them or more, else hours. A rest at the end is a unit of its own if it
 * is at least half as long as one, else it belongs to the last, so that no unit is much shorter than the others.
 */
export function cutUnits(window: ObservedWindow | undefined): Units {
  if (window === undefined) {
    return { unit: "hour", count: 0, incidence: () => 0 };
  }
  const firstHour = Math.floor(window.first / HOUR);
  const spanned = (window.last - window.first) / HOUR;
  // Rounded, as the records of three whole days lie a little less than 72 hours apart.
  const unit = Math.round(spanned) >= DAYS_FROM_HOURS ? "day" : "hour";
  const length = unit === "day" ? DAY_HOURS : 1;
  const count = Math.max(1, Math.round(spanned / length));
  const unitOf = (hour: number): number => Math.min(count - 1, Math.max(0, Math.floor((hour - firstHour) / length)));
  return { unit, count, incidence: (hours) => new Set(hours.map(unitOf)).size };
}
