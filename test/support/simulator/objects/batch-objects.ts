import type { Workload } from "../world.ts";
import { cronText } from "./cron.ts";
import { KEPT_JOBS, type Moment, metaOf, type StandingPod, standingPods } from "./moment.ts";
import { type KubeObject, ownedBy, timeText } from "./object.ts";
import { podObject } from "./pod-objects.ts";
import { templateOf } from "./pod-spec.ts";

const CONTROLLER_UID = "batch.kubernetes.io/controller-uid";
const JOB_NAME = "batch.kubernetes.io/job-name";

function jobStatus({ pod, state }: StandingPod): object {
  const startTime = timeText(pod.from);
  if (state !== "succeeded") return { startTime, active: 1, ready: 1, terminating: 0 };
  const completionTime = timeText(pod.until);
  const times = { lastProbeTime: completionTime, lastTransitionTime: completionTime };
  const conditions = ["SuccessCriteriaMet", "Complete"].map((type) => ({ type, status: "True", ...times }));
  return { startTime, completionTime, conditions, succeeded: 1, ready: 0, terminating: 0 };
}

/** A Job, named by the labels its pod carries, and that pod. */
function jobObjects(moment: Moment, standing: StandingPod, owner: KubeObject | undefined): KubeObject[] {
  const { workload, runtimeLabels, from } = standing.pod;
  const uid = runtimeLabels[CONTROLLER_UID] ?? "";
  const name = runtimeLabels[JOB_NAME] ?? "";
  const job: KubeObject = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      namespace: workload.namespace,
      uid,
      creationTimestamp: timeText(from),
      generation: 1,
      labels: { ...workload.labels, ...runtimeLabels },
      annotations: owner && { "batch.kubernetes.io/cronjob-scheduled-timestamp": timeText(from) },
      ownerReferences: owner && ownedBy(owner),
    },
    spec: {
      parallelism: 1,
      completions: 1,
      completionMode: "NonIndexed",
      backoffLimit: 6,
      suspend: false,
      selector: { matchLabels: { [CONTROLLER_UID]: uid } },
      template: templateOf(moment.world, workload, 1, runtimeLabels),
    },
    status: jobStatus(standing),
  };
  return [job, podObject(moment, standing, { release: 1, owner: ownedBy(job) })];
}

/** A Job and its pod; nothing before it begins. */
export function loneJobObjects(moment: Moment, workload: Workload): KubeObject[] {
  return standingPods(moment, workload).flatMap((one) => jobObjects(moment, one, undefined));
}

/** A CronJob, those of its Jobs that run or are remembered, and their pods. */
export function cronJobObjects(moment: Moment, workload: Workload): KubeObject[] {
  const { schedule } = workload;
  if (schedule === undefined) throw new RangeError(`CronJob ${workload.namespace}/${workload.name} has no schedule`);
  const standing = standingPods(moment, workload);
  const last = standing.at(-1);
  const own: KubeObject = {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { ...metaOf(moment, "CronJob", workload), generation: 1 },
    spec: {
      schedule: cronText(schedule),
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: KEPT_JOBS,
      failedJobsHistoryLimit: 1,
      jobTemplate: { metadata: {}, spec: { template: templateOf(moment.world, workload, 1) } },
    },
    status: last === undefined ? {} : { lastScheduleTime: timeText(last.pod.from) },
  };
  const jobs = standing.map((one) => jobObjects(moment, one, own));
  const active = jobs.flatMap(([job], index) =>
    standing[index]?.state === "running" && job !== undefined
      ? [{ apiVersion: "batch/v1", kind: "Job", name: job.metadata.name, namespace: workload.namespace }]
      : [],
  );
  const status = { ...(own["status"] as object), ...(active.length > 0 ? { active } : {}) };
  return [{ ...own, status }, ...jobs.flat()];
}
