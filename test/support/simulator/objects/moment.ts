import { isBatch } from "../changes.ts";
import type { Pod, Population } from "../pods.ts";
import { hash32 } from "../random.ts";
import type { Labels, Workload, World } from "../world.ts";
import { type ObjectMeta, timeText, uidOf } from "./object.ts";

const SECOND = 1_000_000;
const DAY = 24 * 3600 * SECOND;

/** How long a pod may take to end (terminationGracePeriodSeconds). */
const GRACE = 30 * SECOND;

/** How many finished Jobs a CronJob keeps (successfulJobsHistoryLimit). */
export const KEPT_JOBS = 3;

/** A cluster at one time. */
export interface Moment {
  readonly world: World;
  readonly population: Population;
  /** Microseconds since the epoch. */
  readonly at: number;
  /** When the cluster was set up. */
  readonly born: number;
}

/** What becomes of a pod: what an object shows of it. */
export type PodState = "running" | "terminating" | "succeeded" | "evicted";

export interface StandingPod {
  readonly pod: Pod;
  readonly uid: string;
  readonly state: PodState;
}

/** A month before the first pod, whatever the time of the dump: two dumps of a population agree. */
export function birthOf(population: Population): number {
  const first = [...population.values()].flat().reduce((low, pod) => Math.min(low, pod.from), Number.POSITIVE_INFINITY);
  return (Number.isFinite(first) ? first : Date.parse("2026-02-01T00:00:00Z") * 1000) - 30 * DAY;
}

/** Metadata of an object that is as old as the cluster. */
export function metaOf(
  { world, born }: Moment,
  kind: string,
  name: { readonly namespace?: string; readonly name: string; readonly labels?: Labels },
): ObjectMeta {
  const { namespace, labels } = name;
  return {
    name: name.name,
    namespace,
    uid: uidOf(`${world.cluster}/${kind}/${namespace ?? ""}/${name.name}`),
    creationTimestamp: timeText(born),
    labels,
  };
}

function uidOfPod(world: World, { workload, name, from }: Pod): string {
  return uidOf(`${world.cluster}/Pod/${workload.namespace}/${name}/${from}`);
}

/** A pod that was replaced by one of the same template was deleted by somebody, or evicted by its kubelet and left lying. */
function wasEvicted(pod: Pod, pods: readonly Pod[]): boolean {
  const hash = pod.runtimeLabels["pod-template-hash"];
  if (hash === undefined || hash32(pod.name) % 3 !== 0) return false;
  return pods.some((other) => other.from === pod.until && other.runtimeLabels["pod-template-hash"] === hash);
}

function stateOf(pod: Pod, pods: readonly Pod[], { at, population }: Moment): PodState | undefined {
  if (pod.until > at) return "running";
  if (isBatch(pod.workload)) return "succeeded";
  if (wasEvicted(pod, pods)) return "evicted";
  if (pod.until + GRACE <= at) return undefined;
  // A name and an address are given to somebody else only when their holder is gone.
  const living = [...population.values()].flat().filter((other) => other.from <= at && at < other.until);
  const taken = living.some(
    (other) => other.ip === pod.ip || (other.name === pod.name && other.workload.namespace === pod.workload.namespace),
  );
  return taken ? undefined : "terminating";
}

/** The pods of a workload that the API server still shows, oldest first. */
export function standingPods(moment: Moment, workload: Workload): StandingPod[] {
  const all = moment.population.get(`${workload.namespace}/${workload.name}`) ?? [];
  const begun = all.filter((pod) => pod.from <= moment.at);
  const standing = begun.flatMap((pod) => {
    const state = stateOf(pod, begun, moment);
    return state === undefined ? [] : [{ pod, uid: uidOfPod(moment.world, pod), state }];
  });
  if (workload.kind !== "CronJob") return standing;
  const finished = standing.filter((one) => one.state === "succeeded");
  const forgotten = new Set(finished.slice(0, Math.max(0, finished.length - KEPT_JOBS)));
  return standing.filter((one) => !forgotten.has(one));
}
