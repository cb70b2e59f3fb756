import type { Workload } from "./world.ts";

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** A stretch of time and what happens to the pods in it. Microseconds. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** What happens to pods, in the order of time. */
export interface Change {
  readonly time: number;
  readonly workload: Workload;
  /**
   * `start` is the first time, `run` the pod of a Job or CronJob and `finish` its end, `rollout` all pods with a new template,
   * `restart` one pod. A rollout in steps begins with `template`; then `surge` starts a new pod and `retire` ends the oldest.
   */
  readonly what: "start" | "run" | "finish" | "rollout" | "restart" | "template" | "surge" | "retire";
}

/** How long before the window pods were started that were there when it began. */
const BEFORE = 3 * DAY;

/** How long a pod of a Job or CronJob runs. */
export const RUN = 8 * MINUTE;

/** True for what runs to an end: its pods come and go, and their addresses with them. */
export function isBatch({ kind }: Workload): boolean {
  return kind === "CronJob" || kind === "Job";
}

/** Minutes since the epoch at which a CronJob runs in the window, or a Job, which does once, soon after it begins. */
export function batchRuns(workload: Workload, window: Window): number[] {
  if (workload.kind === "Job") return [Math.ceil(window.start / MINUTE) + 1];
  const { schedule } = workload;
  if (schedule === undefined) return [];
  const runs: number[] = [];
  for (let day = Math.floor(window.start / DAY); day <= Math.floor(window.end / DAY); day += 1) {
    // 1970-01-01 was a Thursday.
    if (schedule.weekday !== undefined && (day + 4) % 7 !== schedule.weekday) continue;
    for (const minute of schedule.minutesOfDay) {
      const time = day * DAY + minute * MINUTE;
      if (time >= window.start && time + 10 * MINUTE < window.end) runs.push(time / MINUTE);
    }
  }
  return runs;
}

export function changesOf(workload: Workload, window: Window): Change[] {
  if (isBatch(workload)) {
    return batchRuns(workload, window).flatMap((minute) => [
      { time: minute * MINUTE, workload, what: "run" as const },
      { time: minute * MINUTE + RUN, workload, what: "finish" as const },
    ]);
  }
  const long = window.end - window.start;
  const rollouts = Array.from({ length: workload.rollouts }, (_, index) =>
    rolloutAt(workload, window.start + Math.floor((long * (index + 1)) / (workload.rollouts + 1))),
  );
  return [{ time: window.start - BEFORE, workload, what: "start" }, ...rollouts.flat()];
}

/** All pods at once, or one new pod after the other, each followed by the end of an old one. */
function rolloutAt(workload: Workload, time: number): Change[] {
  if (workload.rolling === undefined) return [{ time, workload, what: "rollout" }];
  const step = workload.rolling * MINUTE;
  const steps = Array.from({ length: workload.replicas }, (_, index): Change[] => [
    { time: time + index * step, workload, what: "surge" },
    { time: time + (index + 1) * step - SECOND, workload, what: "retire" },
  ]);
  return [{ time, workload, what: "template" }, ...steps.flat()];
}
