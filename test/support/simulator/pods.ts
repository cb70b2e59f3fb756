import { type Change, changesOf, isBatch, RUN, type Window } from "./changes.ts";
import { createRandom, hash32, type Random } from "./random.ts";
import type { ClusterNode, Workload, WorkloadKind, World } from "./world.ts";

/** Letters and digits Kubernetes puts into generated names (k8s.io/apimachinery/pkg/util/rand). */
const SAFE_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

const HEX = "0123456789abcdef";

const MINUTE = 60_000_000;

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

const RESTARTABLE: readonly WorkloadKind[] = ["Deployment", "ReplicaSet", "Rollout", "StatefulSet"];

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

interface Turn {
  readonly scheduler: Scheduler;
  readonly change: Change;
  readonly living: readonly Pod[];
  /** Starts the pod with that number. */
  readonly birth: (ordinal: number) => void;
  /** Starts every pod. */
  readonly birthOfAll: () => void;
}

/** What each change does to the pods there are. */
const EFFECTS: Readonly<Record<Change["what"], (turn: Turn) => void>> = {
  start: ({ birthOfAll }) => birthOfAll(),
  run: ({ birth }) => birth(0),
  finish: ({ scheduler, change: { workload, time } }) =>
    scheduler
      .podsOf(workload)
      .filter((pod) => pod.until === time)
      .forEach((pod) => scheduler.giveBack(pod)),
  rollout: ({ scheduler, change, living, birthOfAll }) => {
    birthOfAll();
    living.forEach((pod) => scheduler.death(pod, change.time));
  },
  restart: ({ scheduler, change, living: [first], birth }) => {
    if (first === undefined) return;
    scheduler.death(first, change.time);
    birth(ordinalOf(first));
  },
  template: () => {},
  surge: ({ birth }) => birth(0),
  retire: ({ scheduler, change, living }) => living.slice(0, 1).forEach((pod) => scheduler.death(pod, change.time)),
};

function apply(scheduler: Scheduler, change: Change, generations: Map<Workload, number>, workers: number): void {
  const { workload, time } = change;
  const generation =
    (generations.get(workload) ?? 0) + (change.what === "rollout" || change.what === "template" ? 1 : 0);
  generations.set(workload, generation);
  const templateHash = templateHashOf(workload, generation);
  const living = scheduler.podsOf(workload).filter((pod) => pod.until === Number.POSITIVE_INFINITY);
  const birth = (ordinal: number): void => scheduler.birth({ workload, time, ordinal, templateHash });
  const birthOfAll = (): void => {
    const count = workload.kind === "DaemonSet" ? workers : workload.replicas;
    for (let ordinal = 0; ordinal < count; ordinal += 1) birth(ordinal);
  };
  EFFECTS[change.what]({ scheduler, change, living, birth, birthOfAll });
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
