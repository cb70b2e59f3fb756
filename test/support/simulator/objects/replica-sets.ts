import type { Pod } from "../pods.ts";
import { selectorOf } from "../services.ts";
import type { Workload } from "../world.ts";
import { type Moment, metaOf, type StandingPod, standingPods } from "./moment.ts";
import { type KubeObject, ownedBy, timeText, uidOf } from "./object.ts";
import { podObject } from "./pod-objects.ts";
import { templateOf } from "./pod-spec.ts";

/** The label that tells the ReplicaSets of one owner apart, and the annotation that counts them. */
const KEYS = {
  Deployment: { hash: "pod-template-hash", revision: "deployment.kubernetes.io/revision" },
  Rollout: { hash: "rollouts-pod-template-hash", revision: "rollout.argoproj.io/revision" },
} as const;

interface Generation {
  readonly hash: string;
  /** From 1. */
  readonly release: number;
  readonly from: number;
  readonly pods: readonly StandingPod[];
}

/** The templates a workload has had until now, the oldest first, with the pods of each that are still there. */
function generationsOf(moment: Moment, workload: Workload, key: string): Generation[] {
  const all = moment.population.get(`${workload.namespace}/${workload.name}`) ?? [];
  const hashOf = (pod: Pod): string => pod.runtimeLabels[key] ?? "";
  const begun = Map.groupBy(
    all.filter((pod) => pod.from <= moment.at),
    hashOf,
  );
  const standing = standingPods(moment, workload);
  return [...begun].map(([hash, pods], index) => ({
    hash,
    release: index + 1,
    from: Math.min(...pods.map((pod) => pod.from)),
    pods: standing.filter(({ pod }) => hashOf(pod) === hash),
  }));
}

function countOf(pods: readonly StandingPod[]): number {
  return pods.filter((one) => one.state === "running").length;
}

interface Owned {
  readonly owner: KubeObject;
  readonly workload: Workload;
  readonly keys: (typeof KEYS)[keyof typeof KEYS];
}

function replicaSet(moment: Moment, { owner, workload, keys }: Owned, generation: Generation): KubeObject[] {
  const { world } = moment;
  const added = { [keys.hash]: generation.hash };
  const name = `${workload.name}-${generation.hash}`;
  const count = countOf(generation.pods);
  const own: KubeObject = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name,
      namespace: workload.namespace,
      uid: uidOf(`${world.cluster}/ReplicaSet/${workload.namespace}/${name}`),
      creationTimestamp: timeText(generation.from),
      generation: 1,
      labels: { ...workload.labels, ...added },
      annotations: { [keys.revision]: String(generation.release) },
      ownerReferences: ownedBy(owner),
    },
    spec: {
      replicas: count,
      selector: { matchLabels: { ...selectorOf(world, workload), ...added } },
      template: templateOf(world, workload, generation.release, added),
    },
    status: countStatus(count),
  };
  const pods = generation.pods.map((standing) =>
    podObject(moment, standing, { release: generation.release, owner: ownedBy(own) }),
  );
  return [own, ...pods];
}

function countStatus(count: number): object {
  const counts = { replicas: count, fullyLabeledReplicas: count, readyReplicas: count, availableReplicas: count };
  return { ...(count === 0 ? { replicas: 0 } : counts), observedGeneration: 1 };
}

function statusOf(generations: readonly Generation[]): object {
  const all = generations.reduce((sum, one) => sum + countOf(one.pods), 0);
  const updated = countOf(generations.at(-1)?.pods ?? []);
  const counts = { replicas: all, updatedReplicas: updated, readyReplicas: all, availableReplicas: all };
  return { observedGeneration: generations.length, ...counts };
}

/** A Deployment, its ReplicaSets (those of former templates too) and their pods. */
export function deploymentObjects(moment: Moment, workload: Workload): KubeObject[] {
  const { world } = moment;
  const keys = KEYS.Deployment;
  const generations = generationsOf(moment, workload, keys.hash);
  const release = generations.length;
  const owner: KubeObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      ...metaOf(moment, "Deployment", workload),
      generation: release,
      annotations: { [keys.revision]: String(release) },
    },
    spec: {
      replicas: workload.replicas,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: selectorOf(world, workload) },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      template: templateOf(world, workload, release),
    },
    status: statusOf(generations),
  };
  return [owner, ...generations.flatMap((one) => replicaSet(moment, { owner, workload, keys }, one))];
}

/** A Rollout of Argo, its ReplicaSets and their pods. */
export function rolloutObjects(moment: Moment, workload: Workload): KubeObject[] {
  const { world } = moment;
  const keys = KEYS.Rollout;
  const generations = generationsOf(moment, workload, keys.hash);
  const release = generations.length;
  const stable = generations.find((one) => countOf(one.pods) > 0)?.hash;
  const owner: KubeObject = {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    metadata: {
      ...metaOf(moment, "Rollout", workload),
      generation: release,
      annotations: { [keys.revision]: String(release) },
    },
    spec: {
      replicas: workload.replicas,
      revisionHistoryLimit: 10,
      selector: { matchLabels: selectorOf(world, workload) },
      strategy: { canary: { steps: [{ setWeight: 20 }, { pause: { duration: "10m" } }] } },
      template: templateOf(world, workload, release),
    },
    status: {
      ...statusOf(generations),
      observedGeneration: String(release),
      currentPodHash: generations.at(-1)?.hash,
      stableRS: stable,
      phase: stable === generations.at(-1)?.hash ? "Healthy" : "Progressing",
    },
  };
  return [owner, ...generations.flatMap((one) => replicaSet(moment, { owner, workload, keys }, one))];
}

/** A ReplicaSet that nobody owns, and its pods. */
export function bareReplicaSetObjects(moment: Moment, workload: Workload): KubeObject[] {
  const pods = standingPods(moment, workload);
  const count = countOf(pods);
  const own: KubeObject = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { ...metaOf(moment, "ReplicaSet", workload), generation: 1 },
    spec: {
      replicas: workload.replicas,
      selector: { matchLabels: selectorOf(moment.world, workload) },
      template: templateOf(moment.world, workload, 1),
    },
    status: countStatus(count),
  };
  return [own, ...pods.map((one) => podObject(moment, one, { release: 1, owner: ownedBy(own) }))];
}
