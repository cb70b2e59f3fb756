import { createRandom, hash32, type Random } from "./random.ts";
import type { ClusterNode, Workload, WorkloadKind, World } from "./world.ts";

/** Letters and digits Kubernetes puts into generated names (k8s.io/apimachinery/pkg/util/rand). */
const SAFE_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

const HEX = "0123456789abcdef";

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** One pod with the time it lived. Times are microseconds since the epoch. */
export interface Pod {
  readonly workload: Workload;
  readonly name: string;
  readonly node: ClusterNode;
  readonly ip: string;
  /** Local to its node. */
  readonly endpointId: number;
  /** What the controller added at run time: pod-template-hash, job-name, ... */
  readonly runtimeLabels: Readonly<Record<string, string>>;
  readonly from: number;
  readonly until: number;
}

/** The pods of a world in a window, by `namespace/name` of their workload, oldest first. */
export type Population = ReadonlyMap<string, readonly Pod[]>;

/** A stretch of time and what happens to the pods in it. Microseconds. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** Addresses of one node's pod CIDR, given out and given back. */
class AddressPool {
  readonly #prefix: string;
  readonly #free: number[];
  readonly #reuse: boolean;

  constructor(node: ClusterNode, reuse: boolean) {
    this.#prefix = node.podPrefix;
    // .148, .160 and .161 are Cilium's own.
    this.#free = Array.from({ length: 140 }, (_, index) => index + 2);
    this.#reuse = reuse;
  }

  take(): string {
    const last = this.#free.shift();
    if (last === undefined) throw new RangeError(`pod CIDR of ${this.#prefix} is full`);
    return `${this.#prefix}${last}`;
  }

  giveBack(ip: string): void {
    const last = Number(ip.slice(this.#prefix.length));
    if (this.#reuse) this.#free.unshift(last);
    else this.#free.push(last);
  }
}

/** What happens to pods, in the order of time. */
interface Change {
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
const RUN = 8 * MINUTE;

const RESTARTABLE: readonly WorkloadKind[] = ["Deployment", "ReplicaSet", "Rollout", "StatefulSet"];

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

function changesOf(workload: Workload, window: Window): Change[] {
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

interface Birth {
  readonly workload: Workload;
  readonly time: number;
  readonly ordinal: number;
  readonly templateHash: string;
}

/** What a controller adds to its pods' labels. */
function runtimeLabels(
  workload: Workload,
  pod: { readonly name: string; readonly ordinal: number; readonly minute: number; readonly hash: string },
  random: Random,
): Readonly<Record<string, string>> {
  const job = workload.kind === "Job" ? workload.name : `${workload.name}-${pod.minute}`;
  switch (workload.kind) {
    case "Deployment":
      return { "pod-template-hash": pod.hash };
    case "Rollout":
      return { "rollouts-pod-template-hash": pod.hash };
    case "StatefulSet":
      return {
        "controller-revision-hash": `${workload.name}-${pod.hash}`,
        "statefulset.kubernetes.io/pod-name": pod.name,
        "apps.kubernetes.io/pod-index": String(pod.ordinal),
      };
    case "DaemonSet":
      return { "controller-revision-hash": pod.hash, "pod-template-generation": "1" };
    case "Job":
    case "CronJob": {
      const uid = `${random.text(8, HEX)}-${random.text(4, HEX)}-4000-8000-${random.text(12, HEX)}`;
      return {
        "job-name": job,
        "batch.kubernetes.io/job-name": job,
        "controller-uid": uid,
        "batch.kubernetes.io/controller-uid": uid,
      };
    }
    case "ReplicaSet":
    case "Pod":
      return {};
  }
}

/** Names and places pods; keeps what must not repeat. */
class Scheduler {
  readonly population = new Map<string, Pod[]>();
  readonly #pools = new Map<string, AddressPool>();
  readonly #workers: readonly ClusterNode[];
  readonly #world: World;
  readonly #random: Random;
  #placed = 0;

  constructor(world: World, random: Random, reuse: boolean) {
    this.#world = world;
    this.#random = random;
    this.#workers = world.nodes.filter((node) => !node.controlPlane);
    for (const node of world.nodes) this.#pools.set(node.name, new AddressPool(node, reuse));
  }

  podsOf(workload: Workload): Pod[] {
    const key = `${workload.namespace}/${workload.name}`;
    const pods = this.population.get(key) ?? [];
    this.population.set(key, pods);
    return pods;
  }

  #place(workload: Workload, ordinal: number): ClusterNode {
    if (workload.node !== undefined) return this.#world.nodes[workload.node]!;
    if (workload.kind === "DaemonSet") return this.#workers[ordinal]!;
    this.#placed += 1;
    return this.#workers[this.#placed % this.#workers.length]!;
  }

  birth({ workload, time, ordinal, templateHash }: Birth): void {
    const random = this.#random;
    const node = this.#place(workload, ordinal);
    const minute = Math.floor(time / MINUTE);
    const suffix = random.text(5, SAFE_ALPHABET);
    const name = {
      Deployment: `${workload.name}-${templateHash}-${suffix}`,
      Rollout: `${workload.name}-${templateHash}-${suffix}`,
      ReplicaSet: `${workload.name}-${suffix}`,
      StatefulSet: `${workload.name}-${ordinal}`,
      DaemonSet: `${workload.name}-${suffix}`,
      CronJob: `${workload.name}-${minute}-${suffix}`,
      Job: `${workload.name}-${suffix}`,
      Pod: workload.name,
    }[workload.kind];
    this.podsOf(workload).push({
      workload,
      name,
      node,
      ip: workload.hostNetwork === true ? node.ip : this.#pools.get(node.name)!.take(),
      endpointId: random.integer(10, 4000),
      runtimeLabels: runtimeLabels(workload, { name, ordinal, minute, hash: templateHash }, random),
      from: time,
      until: isBatch(workload) ? time + RUN : Number.POSITIVE_INFINITY,
    });
  }

  /** Ends a pod and gives its address back at once: what makes reuse possible. */
  death(pod: Pod, time: number): void {
    const pods = this.podsOf(pod.workload);
    pods[pods.indexOf(pod)] = { ...pod, until: time };
    this.giveBack(pod);
  }

  giveBack({ workload, node, ip }: Pod): void {
    if (workload.hostNetwork !== true) this.#pools.get(node.name)!.giveBack(ip);
  }
}

function templateHashOf(workload: Workload, generation: number): string {
  return createRandom(`${workload.namespace}/${workload.name}/${generation}`).text(
    8 + (hash32(workload.name) % 3),
    SAFE_ALPHABET,
  );
}

function apply(scheduler: Scheduler, change: Change, generations: Map<Workload, number>, workers: number): void {
  const { workload, time } = change;
  const generation =
    (generations.get(workload) ?? 0) + (change.what === "rollout" || change.what === "template" ? 1 : 0);
  generations.set(workload, generation);
  const templateHash = templateHashOf(workload, generation);
  const pods = scheduler.podsOf(workload);
  const living = pods.filter((pod) => pod.until === Number.POSITIVE_INFINITY);
  const birth = (ordinal: number): void => scheduler.birth({ workload, time, ordinal, templateHash });
  const birthOfAll = (): void => {
    const count = workload.kind === "DaemonSet" ? workers : workload.replicas;
    for (let ordinal = 0; ordinal < count; ordinal += 1) birth(ordinal);
  };
  switch (change.what) {
    case "start":
      return birthOfAll();
    case "run":
    case "surge":
      return birth(0);
    case "template":
      return;
    case "retire":
      return living.slice(0, 1).forEach((pod) => scheduler.death(pod, time));
    case "finish":
      return pods.filter((pod) => pod.until === time).forEach((pod) => scheduler.giveBack(pod));
    case "rollout":
      birthOfAll();
      return living.forEach((pod) => scheduler.death(pod, time));
    case "restart": {
      const first = living[0];
      if (first === undefined) return;
      scheduler.death(first, time);
      birth(ordinalOf(first));
    }
  }
}

function ordinalOf(pod: Pod): number {
  if (pod.workload.kind === "StatefulSet") return Number(pod.name.slice(pod.name.lastIndexOf("-") + 1));
  return 0;
}

/**
 * All pods of a window. At any time of it every workload but Jobs and CronJobs has its replicas, and no address belongs to
 * two pods at once.
 */
export function populate(
  world: World,
  window: Window,
  options: { readonly seed: string; readonly restarts: number; readonly reuseIps: boolean },
): Population {
  const random = createRandom(`${options.seed}/pods`);
  const scheduler = new Scheduler(world, random, options.reuseIps);
  const restartable = world.workloads.filter(({ kind }) => RESTARTABLE.includes(kind));
  const restarts = Array.from({ length: options.restarts }, () => ({
    time: random.integer(window.start, window.end),
    workload: random.pick(restartable),
    what: "restart" as const,
  }));
  const changes = [...world.workloads.flatMap((one) => changesOf(one, window)), ...restarts];
  const generations = new Map<Workload, number>();
  const workers = world.nodes.filter((node) => !node.controlPlane).length;
  for (const change of changes.toSorted((a, b) => (a.time === b.time ? 0 : a.time - b.time))) {
    apply(scheduler, change, generations, workers);
  }
  return scheduler.population;
}

/** The pods of a workload that live at that time. */
export function livingPods(population: Population, key: string, time: number): Pod[] {
  return (population.get(key) ?? []).filter((pod) => pod.from <= time && time < pod.until);
}
