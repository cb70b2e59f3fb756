import fc from "fast-check";
import {
  clusterNode,
  controller,
  cronJob,
  deployment,
  endpointSlice,
  type Owner,
  owner,
  pod,
  replicaSet,
  service,
  type Value,
} from "./objects.ts";

/** A pod of a random cluster, and what is true of it. */
export interface TruePod {
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly start: number;
  readonly end: number | undefined;
  /** `namespace/Kind/name` */
  readonly workload: string;
}

/** Objects of a cluster, and what is true of it. */
export interface TrueCluster {
  readonly objects: readonly Value[];
  readonly pods: readonly TruePod[];
  readonly workloads: readonly string[];
}

const KINDS = ["Deployment", "Rollout", "StatefulSet", "DaemonSet", "CronJob", "StrimziPodSet", "Pod"] as const;
type Kind = (typeof KINDS)[number];

interface Plan {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  /** Replicas of each rollout, tick or generation, the earlier ones ended. */
  readonly generations: readonly number[];
  readonly team: string;
  readonly isIntermediateListed: boolean;
  readonly isServed: boolean;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  kind: fc.constantFrom(...KINDS),
  namespace: fc.constantFrom("shop", "pay"),
  name: fc.constantFrom("cart", "front", "db", "report", "cart-db", "front-end", "x-5d69f8"),
  generations: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
  team: fc.constantFrom("a", "b"),
  isIntermediateListed: fc.boolean(),
  isServed: fc.boolean(),
});

/** Clusters of a few workloads; addresses are used again by later generations, an hour after another. */
export const randomCluster: fc.Arbitrary<TrueCluster> = fc
  .uniqueArray(plan, {
    maxLength: 6,
    selector: ({ kind, namespace, name }) => `${namespace}/${kind}/${name}`,
  })
  .map(clusterOf);

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5);

function iso(time: number): string {
  return new Date(time).toISOString();
}

function clusterOf(plans: readonly Plan[]): TrueCluster {
  const objects: Value[] = [
    clusterNode("n1", { InternalIP: "192.0.2.1" }),
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { team: "a" } } },
  ];
  const pods: TruePod[] = [];
  // The same addresses for each generation of the cluster: whoever comes first gets the first.
  const taken = new Map<number, number>();
  for (const one of plans) {
    objects.push(...controllersOf(one));
    for (const [generation, replicas] of one.generations.entries()) {
      for (let replica = 0; replica < replicas; replica++) {
        const at = taken.get(generation) ?? 0;
        taken.set(generation, at + 1);
        const made = podOf(one, { generation, replica, address: `10.0.0.${at + 1}` });
        pods.push(made.truth);
        objects.push(made.object);
      }
    }
    if (one.isServed) {
      objects.push(
        service(
          `${one.kind.toLowerCase()}-${one.name}`,
          { selector: { app: one.name }, ports: [{ port: 80, targetPort: "http" }] },
          one,
        ),
        endpointSlice(`${one.kind.toLowerCase()}-${one.name}`, [{ port: 8080 }], [], one),
      );
    }
  }
  const workloads = plans.map(({ namespace, kind, name }) => `${namespace}/${kind}/${name}`);
  return { objects, pods, workloads };
}

function labelsOf({ name, kind, team }: Plan): Readonly<Record<string, string>> {
  return { app: name, kind: kind.toLowerCase(), team };
}

const GROUPS: Readonly<Record<Exclude<Kind, "CronJob" | "Pod" | "StrimziPodSet">, string>> = {
  DaemonSet: "apps/v1",
  Deployment: "apps/v1",
  Rollout: "argoproj.io/v1alpha1",
  StatefulSet: "apps/v1",
};

function controllersOf(one: Plan): readonly Value[] {
  const { kind, namespace, name, generations, isIntermediateListed } = one;
  const labels = labelsOf(one);
  const selector = { matchLabels: { app: name, kind: kind.toLowerCase() } };
  const common = { namespace, labels, selector, ports: [{ name: "http", containerPort: 8080 }] };
  switch (kind) {
    case "Pod":
    case "StrimziPodSet":
      return [];
    case "CronJob": {
      const jobs = generations.map((_, at) =>
        controller("batch/v1", "Job", jobName(name, at), { namespace, labels, owner: owner("batch/v1", kind, name) }),
      );
      return [cronJob(name, common), ...(isIntermediateListed ? jobs : [])];
    }
    case "Deployment":
    case "Rollout": {
      const own = kind === "Deployment" ? deployment(name, common) : controller(GROUPS[kind], kind, name, common);
      const sets = generations.map((_, at) =>
        replicaSet(`${name}-${HASHES[kind][at]}`, {
          ...common,
          owner: owner(GROUPS[kind], kind, name),
          replicas: at === generations.length - 1 ? 1 : 0,
        }),
      );
      return [own, ...(isIntermediateListed ? sets : [])];
    }
    case "DaemonSet":
    case "StatefulSet":
      return [controller(GROUPS[kind], kind, name, common)];
  }
}

/** No two objects of a namespace have one name: each kind has hashes of its own. */
const HASHES: Readonly<Record<"Deployment" | "Rollout", readonly string[]>> = {
  Deployment: ["5d69f8c7b4", "7c9d8b6f5d", "456789456"],
  Rollout: ["6c8b7d9f4", "89c7d6b5f4", "8b4d6c9f7f"],
};
const SUFFIXES = ["x7k2p", "q2w4z", "bcdfg"] as const;

function jobName(name: string, generation: number): string {
  return `${name}-${(START + generation * HOUR) / 60_000}`;
}

interface Which {
  readonly generation: number;
  readonly replica: number;
  readonly address: string;
}

function podOf(
  one: Plan,
  { generation, replica, address }: Which,
): { readonly truth: TruePod; readonly object: Value } {
  const { kind, namespace, generations } = one;
  const { name, owner: by, runTime, workload } = namedPod(one, generation, replica);
  const start = START + generation * HOUR;
  const isLast = generation === generations.length - 1;
  const end = isLast ? undefined : start + HOUR / 2;
  const labels = labelsOf(one);
  const object = pod(name, {
    namespace,
    uid: `${namespace} ${kind} ${name} ${generation}`,
    labels: { ...labels, ...runTime },
    ips: [address],
    node: "n1",
    started: iso(start),
    ports: [{ name: "http", containerPort: 8080 }],
    ...(by === undefined ? {} : { owner: by }),
    ...(end === undefined ? {} : { phase: "Succeeded", finished: iso(end) }),
  });
  return { truth: { name, namespace, ip: address, labels, start, end, workload: `${namespace}/${workload}` }, object };
}

interface Named {
  readonly name: string;
  readonly owner: Owner | undefined;
  readonly runTime: Readonly<Record<string, string>>;
  readonly workload: string;
}

function namedPod(one: Plan, generation: number, replica: number): Named {
  const { kind, name } = one;
  const suffix = SUFFIXES[replica] ?? "zzzzz";
  const workload = `${kind}/${name}`;
  switch (kind) {
    case "Deployment":
    case "Rollout":
      return replicaSetPod(kind, name, HASHES[kind][generation] ?? "", suffix);
    case "CronJob": {
      const job = jobName(name, generation);
      return { name: `${job}-${suffix}`, owner: owner("batch/v1", "Job", job), runTime: { "job-name": job }, workload };
    }
    case "StatefulSet": {
      const own = `${name}-${replica}`;
      const by = owner("apps/v1", kind, name);
      return { name: own, owner: by, runTime: { "statefulset.kubernetes.io/pod-name": own }, workload };
    }
    case "StrimziPodSet":
      return {
        name: `${name}-k-${replica}`,
        owner: owner("core.strimzi.io/v1beta2", kind, name),
        runTime: {},
        workload,
      };
    case "DaemonSet": {
      const by = owner("apps/v1", kind, name);
      return {
        name: `${name}-${suffix}`,
        owner: by,
        runTime: { "pod-template-generation": String(generation) },
        workload,
      };
    }
    case "Pod": {
      // Each is a workload of its own, with the name of the first.
      const own = generation === 0 && replica === 0 ? name : `${name}-p${generation}${replica}`;
      return { name: own, owner: undefined, runTime: {}, workload: `Pod/${own}` };
    }
  }
}

function replicaSetPod(kind: "Deployment" | "Rollout", name: string, hash: string, suffix: string): Named {
  const label = kind === "Deployment" ? "pod-template-hash" : "rollouts-pod-template-hash";
  const by = owner("apps/v1", "ReplicaSet", `${name}-${hash}`);
  return { name: `${name}-${hash}-${suffix}`, owner: by, runTime: { [label]: hash }, workload: `${kind}/${name}` };
}
