import { selectorOf } from "../services.ts";
import type { Workload } from "../world.ts";
import { cronJobObjects, loneJobObjects } from "./batch-objects.ts";
import { type Moment, metaOf, type StandingPod, standingPods } from "./moment.ts";
import { type KubeObject, ownedBy } from "./object.ts";
import { podObject } from "./pod-objects.ts";
import { templateOf } from "./pod-spec.ts";
import { bareReplicaSetObjects, deploymentObjects, rolloutObjects } from "./replica-sets.ts";

const REVISION = "controller-revision-hash";

/** Which template a pod of a StatefulSet or DaemonSet has, counted from 1. */
function releases(pods: readonly StandingPod[], begun: readonly string[]): Map<StandingPod, number> {
  const known = [...new Set(begun)];
  return new Map(pods.map((one) => [one, known.indexOf(one.pod.runtimeLabels[REVISION] ?? "") + 1]));
}

function revisionsOf({ population, at }: Moment, { namespace, name }: Workload): string[] {
  const begun = (population.get(`${namespace}/${name}`) ?? []).filter((pod) => pod.from <= at);
  return [...new Set(begun.map((pod) => pod.runtimeLabels[REVISION] ?? ""))];
}

function withPods(moment: Moment, workload: Workload, own: KubeObject): KubeObject[] {
  const standing = standingPods(moment, workload);
  const release = releases(standing, revisionsOf(moment, workload));
  return [
    own,
    ...standing.map((one) => podObject(moment, one, { release: release.get(one) ?? 1, owner: ownedBy(own) })),
  ];
}

function statefulSetObjects(moment: Moment, workload: Workload): KubeObject[] {
  const { world } = moment;
  const revisions = revisionsOf(moment, workload);
  const revision = revisions.at(-1);
  const ready = standingPods(moment, workload).filter((one) => one.state === "running").length;
  const counts = { replicas: ready, readyReplicas: ready, availableReplicas: ready, updatedReplicas: ready };
  return withPods(moment, workload, {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { ...metaOf(moment, "StatefulSet", workload), generation: revisions.length },
    spec: {
      replicas: workload.replicas,
      serviceName: workload.name,
      podManagementPolicy: "OrderedReady",
      revisionHistoryLimit: 10,
      selector: { matchLabels: selectorOf(world, workload) },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      template: templateOf(world, workload, revisions.length),
    },
    status: { ...counts, currentReplicas: ready, currentRevision: revision, updateRevision: revision },
  });
}

function daemonSetObjects(moment: Moment, workload: Workload): KubeObject[] {
  const { world } = moment;
  const revisions = revisionsOf(moment, workload);
  const ready = standingPods(moment, workload).filter((one) => one.state === "running").length;
  return withPods(moment, workload, {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { ...metaOf(moment, "DaemonSet", workload), generation: revisions.length },
    spec: {
      revisionHistoryLimit: 10,
      selector: { matchLabels: selectorOf(world, workload) },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      template: templateOf(world, workload, revisions.length),
    },
    status: {
      currentNumberScheduled: ready,
      desiredNumberScheduled: ready,
      numberMisscheduled: 0,
      numberReady: ready,
      numberAvailable: ready,
      updatedNumberScheduled: ready,
    },
  });
}

/** A workload's own object, what it owns, and its pods; owners come before what they own. */
export function workloadObjects(moment: Moment, workload: Workload): KubeObject[] {
  switch (workload.kind) {
    case "Deployment":
      return deploymentObjects(moment, workload);
    case "Rollout":
      return rolloutObjects(moment, workload);
    case "ReplicaSet":
      return bareReplicaSetObjects(moment, workload);
    case "StatefulSet":
      return statefulSetObjects(moment, workload);
    case "DaemonSet":
      return daemonSetObjects(moment, workload);
    case "CronJob":
      return cronJobObjects(moment, workload);
    case "Job":
      return loneJobObjects(moment, workload);
    case "Pod":
      return standingPods(moment, workload).map((one) => podObject(moment, one, { release: 1, owner: undefined }));
  }
}
