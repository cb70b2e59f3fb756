import { sortedBy } from "../../lib/sort.ts";
import type { Schedule } from "../../model/inferred.ts";
import { fieldAt, fieldOf, textOf, timeOf } from "../objects/fields.ts";
import type { ObjectsByType } from "./objects-by-type.ts";

/** Reads CronJobs: when they run, and when they last did. */
export function readSchedules(objects: ObjectsByType): readonly Schedule[] {
  const found = objects.of("batch", "CronJob").flatMap(({ namespace, name, value }): Schedule[] => {
    const spec = fieldOf(value, "spec");
    if (name === undefined) return [];
    return [
      {
        workload: { namespace, kind: "CronJob", name },
        schedule: textOf(spec, "schedule") ?? "no schedule",
        suspended: fieldOf(spec, "suspend") === true,
        lastRun: timeOf(fieldAt(value, "status"), "lastScheduleTime"),
      },
    ];
  });
  return sortedBy(found, ({ workload }) => JSON.stringify([workload.namespace, workload.name]));
}
