import type { Pod } from "../pods.ts";
import type { Moment, PodState, StandingPod } from "./moment.ts";
import { type KubeObject, type OwnerReference, timeText, uidOf } from "./object.ts";
import { podSpecOf } from "./pod-spec.ts";

const SECOND = 1_000_000;

/** What the controller's names begin with: all but what it appends. */
function generateNameOf({ workload, name }: Pod): string | undefined {
  if (workload.kind === "Pod") return undefined;
  return workload.kind === "StatefulSet" ? `${workload.name}-` : name.slice(0, -5);
}

const PHASE: Readonly<Record<PodState, string>> = {
  running: "Running",
  terminating: "Running",
  succeeded: "Succeeded",
  evicted: "Failed",
};

function conditions({ pod, state }: StandingPod): object[] {
  const since = timeText(pod.from);
  const ready = state === "running";
  const changed = ready ? since : timeText(Math.min(pod.until, Number.MAX_SAFE_INTEGER));
  const end = state === "succeeded" ? { reason: "PodCompleted" } : {};
  return [
    { type: "PodScheduled", status: "True", lastTransitionTime: since },
    { type: "Initialized", status: "True", lastTransitionTime: since, ...end },
    { type: "ContainersReady", status: ready ? "True" : "False", lastTransitionTime: changed, ...end },
    { type: "Ready", status: ready ? "True" : "False", lastTransitionTime: changed, ...end },
  ];
}

function containerState({ pod, state }: StandingPod): object {
  const startedAt = timeText(pod.from);
  if (state === "running" || state === "terminating") return { running: { startedAt } };
  const finished = { startedAt, finishedAt: timeText(pod.until) };
  return state === "succeeded"
    ? { terminated: { exitCode: 0, reason: "Completed", ...finished } }
    : { terminated: { exitCode: 137, reason: "Error", ...finished } };
}

function containerStatuses(spec: Readonly<Record<string, unknown>>, standing: StandingPod): object[] {
  const containers = spec["containers"] as readonly { readonly name: string; readonly image: string }[];
  return containers.map(({ name, image }) => ({
    name,
    image,
    imageID: `${image.split(":")[0]}@sha256:${uidOf(image).replaceAll("-", "").repeat(2)}`,
    containerID: `containerd://${uidOf(`${standing.uid}/${name}`).replaceAll("-", "").repeat(2)}`,
    ready: standing.state === "running",
    started: standing.state === "running",
    restartCount: 0,
    state: containerState(standing),
    lastState: {},
  }));
}

function statusOf(spec: Readonly<Record<string, unknown>>, standing: StandingPod): object {
  const { pod, state } = standing;
  const evicted = { reason: "Evicted", message: "The node was low on resource: memory." };
  return {
    phase: PHASE[state],
    ...(state === "evicted" ? evicted : {}),
    conditions: conditions(standing),
    // A pod that has ended keeps its address in its status, though somebody else may have it by now.
    podIP: pod.ip,
    podIPs: [{ ip: pod.ip }],
    hostIP: pod.node.ip,
    hostIPs: [{ ip: pod.node.ip }],
    startTime: timeText(pod.from),
    qosClass: "BestEffort",
    containerStatuses: containerStatuses(spec, standing),
  };
}

/** A pod as the API server shows it. `release` counts the templates of its workload from 1. */
export function podObject(
  moment: Moment,
  standing: StandingPod,
  what: { readonly release: number; readonly owner: readonly OwnerReference[] | undefined },
): KubeObject {
  const { pod, uid, state } = standing;
  const { workload } = pod;
  const spec = podSpecOf(moment.world, workload, what.release);
  const ending =
    state === "terminating"
      ? { deletionTimestamp: timeText(pod.until + 30 * SECOND), deletionGracePeriodSeconds: 30 }
      : {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: pod.name,
      generateName: generateNameOf(pod),
      namespace: workload.namespace,
      uid,
      creationTimestamp: timeText(pod.from),
      ...ending,
      labels: { ...workload.labels, ...pod.runtimeLabels },
      annotations: workload.annotations,
      ownerReferences: what.owner,
    },
    spec: { ...spec, nodeName: pod.node.name, enableServiceLinks: true },
    status: statusOf(spec, standing),
  };
}
