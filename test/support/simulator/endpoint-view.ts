import type { End } from "./plan.ts";
import type { Pod } from "./pods.ts";
import { atLeast, type Profile } from "./profile.ts";
import { hash32 } from "./random.ts";
import type { ClusterNode, SimEntity, World } from "./world.ts";

/** An Endpoint as flow.proto declares it; keys in its order, absent ones undefined. */
export interface EndpointView {
  readonly ID?: number | undefined;
  readonly identity?: number | undefined;
  readonly cluster_name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly pod_name?: string | undefined;
  readonly workloads?: readonly { readonly name: string; readonly kind: string }[] | undefined;
}

/** pkg/identity/numericidentity.go */
const IDENTITY: Readonly<Record<SimEntity | "world", number>> = {
  host: 1,
  world: 2,
  health: 4,
  "remote-node": 6,
  "kube-apiserver": 7,
  ingress: 8,
  // Cluster id 2 in the upper bits (ClusterMesh).
  "other-cluster": (2 << 16) + 4711,
};

/** What Cilium leaves out of an identity by default (pkg/labelsfilter/filter.go), as far as it occurs here. */
const VOLATILE = [
  /^pod-template-(hash|generation)$/,
  /^controller-(revision-hash|uid)$/,
  /^(?!app\.)[a-z.]*kubernetes\.io\//,
];

function keepsLabel(key: string): boolean {
  return !VOLATILE.some((pattern) => pattern.test(key));
}

/** The labels of a pod as Hubble shows them, sorted. */
export function hubbleLabels(world: World, pod: Pod, volatileLabels: boolean): string[] {
  const { workload } = pod;
  const namespace = world.namespaces.find((one) => one.name === workload.namespace);
  const own = { ...workload.labels, ...pod.runtimeLabels };
  const labels = Object.entries(own)
    .filter(([key]) => volatileLabels || keepsLabel(key))
    .map(([key, value]) => `k8s:${key}=${value}`);
  const namespaceLabels = { ...namespace?.labels, "kubernetes.io/metadata.name": workload.namespace };
  for (const [key, value] of Object.entries(namespaceLabels)) {
    labels.push(`k8s:io.cilium.k8s.namespace.labels.${key}=${value}`);
  }
  labels.push(
    `k8s:io.cilium.k8s.policy.cluster=${world.cluster}`,
    `k8s:io.cilium.k8s.policy.serviceaccount=${workload.serviceAccount}`,
    `k8s:io.kubernetes.pod.namespace=${workload.namespace}`,
  );
  return labels.toSorted();
}

/** How the agents of one world and profile see endpoints; remembers what it worked out. */
export class EndpointViews {
  readonly #world: World;
  readonly #profile: Profile;
  readonly #labels = new Map<Pod, readonly string[]>();
  readonly #identities = new Map<Pod, number>();

  constructor(world: World, profile: Profile) {
    this.#world = world;
    this.#profile = profile;
  }

  labels(pod: Pod): readonly string[] {
    const known = this.#labels.get(pod) ?? hubbleLabels(this.#world, pod, this.#profile.volatileLabels);
    this.#labels.set(pod, known);
    return known;
  }

  /** Equal label sets have equal identities, in 256..65535 as Cilium gives them. */
  identity(pod: Pod): number {
    const known = this.#identities.get(pod) ?? 256 + (hash32(this.labels(pod).join(";")) % 65_000);
    this.#identities.set(pod, known);
    return known;
  }

  /** What the agent on `observer` says about an end: more about its own pods than about others'. */
  of(end: End, observer: ClusterNode): EndpointView {
    switch (end.kind) {
      case "pod":
        return end.node === observer ? this.local(end.pod) : this.remote(end.pod);
      case "external":
        return this.#outside(end.ip);
      case "entity":
        return end.entity === "other-cluster" ? this.#elsewhere() : entityView(end.entity, end.node, observer);
    }
  }

  #outside(ip: string): EndpointView {
    if (!this.#profile.dualStack) return { identity: IDENTITY.world, labels: ["reserved:world"] };
    return ip.includes(":")
      ? { identity: 10, labels: ["reserved:world-ipv6"] }
      : { identity: 9, labels: ["reserved:world-ipv4"] };
  }

  /** A pod of a cluster that is meshed with this one: like any remote pod, but for its cluster. */
  #elsewhere(): EndpointView {
    const [cluster, namespace] = [`${this.#world.cluster}-west`, "stock"];
    return {
      identity: IDENTITY["other-cluster"],
      cluster_name: atLeast(this.#profile, 17) ? cluster : undefined,
      namespace,
      labels: [
        "k8s:app=stock",
        `k8s:io.cilium.k8s.policy.cluster=${cluster}`,
        "k8s:io.cilium.k8s.policy.serviceaccount=stock",
        `k8s:io.kubernetes.pod.namespace=${namespace}`,
      ],
      pod_name: "stock-7bfd4d6c5b-q2w4z",
    };
  }

  /** The agent's own endpoint. */
  local(pod: Pod): EndpointView {
    const { workload } = pod;
    const knowsWorkload = atLeast(this.#profile, 13) && workload.kind !== "Pod";
    return {
      ID: pod.endpointId,
      ...this.remote(pod),
      workloads: knowsWorkload ? [workloadOf(pod)] : undefined,
    };
  }

  /** A pod of another node, from the ipcache. */
  remote(pod: Pod): EndpointView {
    return {
      identity: this.identity(pod),
      cluster_name: atLeast(this.#profile, 17) ? this.#world.cluster : undefined,
      namespace: pod.workload.namespace,
      labels: this.labels(pod),
      pod_name: pod.name,
    };
  }

  /** Only what a packet's security identity tells: the pod is gone, or a proxy sends for it from the node's address. */
  labelsOnly(pod: Pod): EndpointView {
    return { identity: this.identity(pod), labels: this.labels(pod) };
  }

  /** Whoever is not in the ipcache is the world's. */
  addressOnly(): EndpointView {
    return { identity: IDENTITY.world, labels: ["reserved:world"] };
  }

  /** The agent knows the pod and takes its address for the world's. */
  mislabelled(pod: Pod): EndpointView {
    return {
      identity: IDENTITY.world,
      namespace: pod.workload.namespace,
      labels: ["reserved:world"],
      pod_name: pod.name,
    };
  }
}

/** Cilium looks through ReplicaSets of Deployments and through Jobs of CronJobs only (pkg/k8s/utils/workload.go). */
function workloadOf({ workload: { name, kind }, runtimeLabels }: Pod): {
  readonly name: string;
  readonly kind: string;
} {
  if (kind !== "Rollout") return { name, kind };
  return { name: `${name}-${runtimeLabels["rollouts-pod-template-hash"]}`, kind: "ReplicaSet" };
}

/** A reserved identity as the agent on `observer` reports it. */
export function entityView(entity: SimEntity, node: ClusterNode, observer: ClusterNode): EndpointView {
  if (entity === "host" || entity === "remote-node" || entity === "kube-apiserver") {
    const labels = [node === observer ? "reserved:host" : "reserved:remote-node"];
    if (node.controlPlane) labels.push("reserved:kube-apiserver");
    if (node === observer) return { identity: IDENTITY.host, labels: labels.toSorted() };
    return { identity: IDENTITY[node.controlPlane ? "kube-apiserver" : "remote-node"], labels: labels.toSorted() };
  }
  return { identity: IDENTITY[entity], labels: [`reserved:${entity}`] };
}
