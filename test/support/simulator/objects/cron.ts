import type { CronSchedule } from "../world.ts";

/** A schedule as a CronJob says it: `20 * * * *`. @throws RangeError when one line of cron cannot say it */
export function cronText({ minutesOfDay, weekday }: CronSchedule): string {
  const sorted = (list: Iterable<number>): number[] => [...new Set(list)].toSorted((a, b) => a - b);
  const minutes = sorted(minutesOfDay.map((one) => one % 60));
  const hours = sorted(minutesOfDay.map((one) => Math.floor(one / 60)));
  if (minutes.length * hours.length !== new Set(minutesOfDay).size) {
    throw new RangeError(`no cron line runs at these minutes of the day: ${minutesOfDay.join(", ")}`);
  }
  return `${minutes.join(",")} ${hours.length === 24 ? "*" : hours.join(",")} * * ${weekday ?? "*"}`;
}
