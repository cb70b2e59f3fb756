import { some } from "../../lib/some.ts";
import type { Finding } from "../../model/finding.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { Schedule } from "../../model/inferred.ts";

/**
 * Workloads that run by the clock and did not while flows were watched: whom they call is anybody's guess, and may refuse
 * them. One finding a namespace.
 */
export function scheduleFindings(
  schedules: readonly Schedule[],
  { workloads, window }: Pick<CommunicationGraph, "workloads" | "window">,
): Finding[] {
  const seen = new Set(workloads.map(({ namespace, kind, name }) => JSON.stringify([namespace, kind, name])));
  const unseen = schedules.filter(({ workload: { namespace, kind, name }, lastRun }) => {
    const hasRun = lastRun !== undefined && window !== undefined && window.first <= lastRun && lastRun <= window.last;
    return !hasRun && !seen.has(JSON.stringify([namespace, kind, name]));
  });
  const groups = Map.groupBy(unseen, ({ workload }) => workload.namespace);
  return [...groups].flatMap(([namespace, group]) => {
    const active = group.filter(({ suspended }) => !suspended);
    const suspended = group.filter((schedule) => schedule.suspended);
    return [
      ...(active.length === 0 ? [] : [missedFinding(namespace, active)]),
      ...(suspended.length === 0 ? [] : [suspendedFinding(namespace, suspended)]),
    ];
  });
}

function missedFinding(namespace: string, schedules: readonly Schedule[]): Finding {
  return {
    code: "schedule-not-seen",
    severity: "warning",
    about: namespace,
    message: `None of these ran while flows were watched, so whom they call is not known and may refuse them: ${described(schedules)}.`,
    choice: "Observe until each has run, or start one by hand while you observe.",
  };
}

function suspendedFinding(namespace: string, schedules: readonly Schedule[]): Finding {
  return {
    code: "schedule-suspended",
    severity: "info",
    about: namespace,
    message: `These are suspended and were not seen, so whom they call may refuse them once they run again: ${described(schedules)}.`,
    choice: "Run netlearn again after they have run.",
  };
}

function described(schedules: readonly Schedule[]): string {
  return some(schedules.map(describe), 10);
}

function describe({ workload, schedule, lastRun }: Schedule): string {
  const last = lastRun === undefined ? "no run known" : `last run ${new Date(lastRun).toISOString()}`;
  return `${workload.namespace}/${workload.name} (${schedule}; ${last})`;
}
