import { type PodName, readPodName } from "../../model/pod-name.ts";
import type { TableRow } from "./workload-table.ts";

/** Base names are cut to this length before five characters are put after them (apimachinery, names/generate.go). */
const LONGEST_BASE = 58;
const LONGEST_NAME = 63;

/** A text equal for pods whose names say the same. */
export function podNameKey(namespace: string, { stem, shape }: PodName): string {
  return `${namespace}\0${shape}\0${stem}`;
}

/** A pod's name as the controllers of a type make it. */
const EXAMPLES: ReadonlyMap<string, (name: string) => string> = new Map([
  ["/Pod", (name) => name],
  ["/ReplicationController", (name) => `${name}-bcdfg`],
  ["apps/DaemonSet", (name) => `${name}-bcdfg`],
  ["apps/Deployment", (name) => `${name}-7c9d8b6f5d-bcdfg`],
  ["apps/ReplicaSet", (name) => `${name}-bcdfg`],
  ["apps/StatefulSet", (name) => `${name}-0`],
  ["apps.kruise.io/CloneSet", (name) => `${name}-bcdfg`],
  ["apps.kruise.io/DaemonSet", (name) => `${name}-bcdfg`],
  ["apps.kruise.io/StatefulSet", (name) => `${name}-0`],
  ["argoproj.io/Rollout", (name) => `${name}-7c9d8b6f5d-bcdfg`],
  ["batch/CronJob", (name) => `${name}-28000000-bcdfg`],
  ["batch/Job", (name) => `${name}-bcdfg`],
]);

/** Types that put a number between their name and what is random, with the shape that {@link numberedKeys} gives it. */
const NUMBERED: ReadonlyMap<string, string> = new Map([
  ["apps.openshift.io/DeploymentConfig", "index"],
  ["serving.knative.dev/Service", "revision"],
]);

const INDEXED: ReadonlyMap<string, string> = new Map([
  ["batch/CronJob", "cron-index"],
  ["batch/Job", "index"],
]);

/**
 * How the pods of a workload may be called, as keys of {@link podNameKey} and {@link numberedKeys}. Of other controllers
 * only their pods can tell.
 */
export function keysOfWorkload({ workload, group, isIndexed }: TableRow): readonly string[] {
  const { namespace, name, kind } = workload;
  const type = `${group}/${kind}`;
  const numbered = (isIndexed ? INDEXED.get(type) : undefined) ?? NUMBERED.get(type);
  if (numbered !== undefined) return [`${namespace}\0${numbered}\0${name}`];
  const example = EXAMPLES.get(type)?.(name);
  return example === undefined ? [] : [podNameKey(namespace, readPodName(example))];
}

/** Further keys for names that have a number between the workload's name and what is random. */
export function numberedKeys(namespace: string, { stem, shape }: PodName): readonly string[] {
  if (shape === "deployment") {
    const revisionOf = /^(.+)-\d{5}-deployment$/u.exec(stem)?.[1];
    return revisionOf === undefined ? [] : [`${namespace}\0revision\0${revisionOf}`];
  }
  if (shape !== "suffix") return [];
  const tickOf = /^(.+)-[1-3]\d{7,9}-\d+$/u.exec(stem)?.[1];
  const indexOf = /^(.+)-\d+$/u.exec(stem)?.[1];
  return [
    ...(indexOf === undefined ? [] : [`${namespace}\0index\0${indexOf}`]),
    ...(tickOf === undefined ? [] : [`${namespace}\0cron-index\0${tickOf}`]),
  ];
}

/** True when a pod's name is what is left of one that would have been too long for the API server. */
export function isCutName({ stem, shape }: PodName): boolean {
  return shape === "plain" && stem.length === LONGEST_NAME;
}

/** True when a cut name can be that of a pod of this workload. */
export function canBeCutTo({ workload, group }: TableRow, { stem }: PodName): boolean {
  const base = stem.slice(0, LONGEST_BASE);
  const own = `${workload.name}-`;
  if (own.length >= LONGEST_BASE) return own.startsWith(base);
  const isHashed = ["apps/Deployment", "argoproj.io/Rollout", "batch/CronJob"].includes(`${group}/${workload.kind}`);
  return isHashed && base.startsWith(own) && /^[a-z0-9]{1,10}$/u.test(base.slice(own.length));
}
