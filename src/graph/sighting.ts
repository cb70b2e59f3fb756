import { byText } from "../lib/sort.ts";
import type { Endpoint } from "../model/flow.ts";
import type { Labels } from "../model/graph.ts";
import { isRunTimeLabel } from "../model/labels.ts";
import { type PodName, readPodName } from "../model/pod-name.ts";

/** A controller as the source named it, brought to the one that survives a rollout or a tick. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/** A named pod. All pods of a controller, and all their records that show the same labels, are one sighting. */
export interface PodSighting {
  readonly kind: "pod";
  readonly cluster: string | undefined;
  readonly namespace: string;
  readonly pod: PodName;
  readonly owner: Owner | undefined;
  readonly labels: Labels;
  readonly serviceAccount: string | undefined;
}

/** A pod whose name the source did not know (any more), by its labels. */
export interface LabelSighting {
  readonly kind: "labels";
  readonly cluster: string | undefined;
  readonly namespace: string;
  readonly labels: Labels;
  readonly serviceAccount: string | undefined;
}

/** An address without a pod, with the reserved labels the source gave it, sorted (`host`, `kube-apiserver`, `world`). */
export interface AddressSighting {
  readonly kind: "address";
  readonly reserved: readonly string[];
  /** Undefined only when the source left addresses out. */
  readonly address: string | undefined;
  /** `namespace/name` when the address is a Service's, not a pod's. */
  readonly service: string | undefined;
}

/** One end of a record in the most certain words its source allows (facts/flows.md, 1.5). */
export type Sighting = PodSighting | LabelSighting | AddressSighting;

const NODE_LABELS: readonly string[] = ["host", "remote-node", "kube-apiserver"];

/** Reserved labels of an endpoint without their prefix, sorted. */
export function reservedLabels(endpoint: Endpoint): string[] {
  return endpoint.labels
    .filter((label) => label.startsWith("reserved:"))
    .map((label) => label.slice("reserved:".length).replace(/=$/, ""))
    .toSorted(byText);
}

/** The pod or label sighting of an endpoint, whatever its address; undefined when only the address can tell. */
export function podSighting(endpoint: Endpoint): PodSighting | LabelSighting | undefined {
  const reserved = reservedLabels(endpoint);
  if (reserved.some((name) => NODE_LABELS.includes(name))) return undefined;
  const read = readLabels(endpoint.labels);
  const namespace = endpoint.namespace ?? read.namespace;
  if (namespace === undefined) return undefined;
  const cluster = endpoint.cluster ?? read.cluster;
  const common = { cluster, namespace, labels: read.labels, serviceAccount: read.serviceAccount };
  if (endpoint.podName === undefined || endpoint.podName === "") {
    return identifies(read) ? { kind: "labels", ...common } : undefined;
  }
  const pod = readPodName(endpoint.podName);
  return { kind: "pod", pod, owner: stableOwner(endpoint), ...common };
}

/**
 * True for a pod of which too little is left to say which one it is: a namespace without labels, labels without a
 * namespace. It is somebody in the cluster all the same, and never an address outside.
 */
export function isForgottenPod(endpoint: Endpoint): boolean {
  if (podSighting(endpoint) !== undefined) return false;
  if (reservedLabels(endpoint).some((name) => NODE_LABELS.includes(name))) return false;
  return endpoint.namespace !== undefined || endpoint.podName !== undefined || identifies(readLabels(endpoint.labels));
}

/** A text that is equal exactly for equal sightings: key in memory and order in snapshots. */
export function sightingKey(sighting: Sighting): string {
  if (sighting.kind === "address") {
    return JSON.stringify(["address", sighting.address, sighting.reserved, sighting.service]);
  }
  const { kind, cluster, namespace, labels, serviceAccount } = sighting;
  const common = [kind, cluster, namespace, Object.entries(labels), serviceAccount];
  if (sighting.kind === "labels") return JSON.stringify(common);
  const { pod, owner } = sighting;
  return JSON.stringify([...common, pod.stem, pod.shape, owner?.kind, owner?.name]);
}

interface ReadLabels {
  readonly labels: Labels;
  readonly namespace: string | undefined;
  readonly cluster: string | undefined;
  readonly serviceAccount: string | undefined;
}

const NAMESPACE_KEY = "io.kubernetes.pod.namespace";
const CLUSTER_KEY = "io.cilium.k8s.policy.cluster";
const ACCOUNT_KEY = "io.cilium.k8s.policy.serviceaccount";

/** Splits Cilium's label list into the pod's own labels (sorted by key, run-time ones left out) and what Cilium added. */
export function readLabels(labels: readonly string[]): ReadLabels {
  const all = new Map<string, string>();
  for (const label of labels) {
    const entry = readLabel(label);
    if (entry !== undefined) all.set(entry[0], entry[1]);
  }
  const own = [...all].filter(
    ([key]) => !key.startsWith("io.cilium.") && key !== NAMESPACE_KEY && !isRunTimeLabel(key),
  );
  return {
    labels: Object.fromEntries(own.toSorted(([a], [b]) => byText(a, b))),
    namespace: all.get(NAMESPACE_KEY),
    cluster: all.get(CLUSTER_KEY),
    serviceAccount: all.get(ACCOUNT_KEY),
  };
}

/** `k8s:app=cart` and `app=cart`; labels of other sources (`reserved:`, `cidr:`, `gen:`, `fqdn:`) are not the pod's. */
function readLabel(label: string): readonly [string, string] | undefined {
  const equals = label.indexOf("=");
  const name = equals < 0 ? label : label.slice(0, equals);
  const value = equals < 0 ? "" : label.slice(equals + 1);
  const colon = name.indexOf(":");
  const source = colon < 0 ? "k8s" : name.slice(0, colon);
  const key = name.slice(colon + 1);
  return source === "k8s" && key !== "" && key !== "__proto__" ? [key, value] : undefined;
}

/** Without a label or an account of its own, a nameless pod could be any pod of its namespace. */
function identifies(read: ReadLabels): boolean {
  return Object.keys(read.labels).length > 0 || read.serviceAccount !== undefined;
}

/** ReplicaSets and Jobs of a CronJob come and go: their stable owner is named instead. */
function stableOwner(endpoint: Endpoint): Owner | undefined {
  const hint = endpoint.workload;
  if (hint === undefined || hint.kind === "Pod") return undefined;
  if (hint.kind === "ReplicaSet") {
    const match = /^(.+)-[bcdf0-9ghjklmnpqrstvwxz]{6,10}$/.exec(hint.name);
    return match?.[1] === undefined ? hint : { kind: "Deployment", name: match[1] };
  }
  if (hint.kind === "Job") {
    const match = /^(.+)-\d{8,10}$/.exec(hint.name);
    return match?.[1] === undefined ? hint : { kind: "CronJob", name: match[1] };
  }
  return { kind: hint.kind, name: hint.name };
}
