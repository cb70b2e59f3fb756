import type { PolicyProtocol } from "./flow.ts";
import type { Labels } from "./graph.ts";
import type { DeclaredPort } from "./inventory.ts";
import type { LabelSelector } from "./manifest.ts";
import type { WorkloadKey } from "./peer.ts";
import type { Tracking } from "./placement.ts";
import type { PodName } from "./pod-name.ts";

/** A workload as the cluster's own objects describe it: what the last owner of some pods keeps, or a pod nobody keeps. */
export interface KnownWorkload {
  readonly namespace: string;
  readonly name: string;
  /** `Deployment`, `StatefulSet`, `Rollout`, `Pod`, ... */
  readonly kind: string;
  /**
   * Its own `spec.selector`, which its controller never lets change; undefined for kinds that have none or make one up
   * at run time (Jobs, CronJobs, bare pods), and where only the pods are known.
   */
  readonly selector: LabelSelector | undefined;
  /** Of its pod template; without one, what its pods have in common. Run-time labels are left out. Sorted by key. */
  readonly labels: Labels;
  /** Labels of its pods where they differ from the template's (a rollout under way), each set once, as above. */
  readonly variants: readonly Labels[];
  /** Of its template and of its pods, each once, sorted by number. */
  readonly ports: readonly DeclaredPort[];
  /** `default` where its template names none. */
  readonly serviceAccount: string | undefined;
  readonly hostNetwork: boolean;
  /** Its own labels and annotations by which the tools that apply manifests know it; undefined: none. */
  readonly marks?: Tracking;
}

/** What the cluster's objects say about the workloads they describe, those that were never seen included. */
export type KnownWorkloads = ReadonlyMap<WorkloadKey, KnownWorkload>;

/** What a source says about a pod: enough to find its workload, never quite its name. */
export interface PodClue {
  readonly namespace: string;
  /** Undefined when the source did not name the pod. */
  readonly pod: PodName | undefined;
  /** The controller that the source named, brought to the one that survives a rollout. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  /** Without run-time labels; may be a part of what the pod has, never more. */
  readonly labels: Labels;
  readonly serviceAccount: string | undefined;
}

/** Who stands behind an address. */
export type Holder =
  /** `node` is the one its pod ran on. */
  | { readonly kind: "workload"; readonly workload: KnownWorkload; readonly node: string | undefined }
  /** A node's own address: its kubelet, and every pod in the host's network. Undefined where several have it. */
  | { readonly kind: "node"; readonly node: string | undefined }
  /** An address that every node answers on by itself: that of a DNS cache on the node. */
  | { readonly kind: "node-local" }
  /** An address that pods get, of none that is known to have held it then; `node` is the one whose range it is of. */
  | { readonly kind: "unknown-pod"; readonly node: string | undefined }
  /** Several pods held it at that time, and they are not of one workload. */
  | { readonly kind: "ambiguous" };

/** When something was seen, milliseconds since the epoch; undefined when no record told. */
export interface Span {
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** Where a connection to a Service's port ends up. */
export type Backend =
  | { readonly kind: "workload"; readonly workload: KnownWorkload; readonly port: number }
  /** An endpoint that is no known pod, such as those of a Service without a selector. */
  | { readonly kind: "address"; readonly address: string; readonly port: number };

/** One port of a Service and what is behind it. */
export interface KnownServicePort {
  readonly protocol: PolicyProtocol;
  readonly port: number;
  readonly name: string | undefined;
  readonly nodePort: number | undefined;
  /** Sorted, each once: one workload has several where its pods resolve a named port to different numbers. */
  readonly backends: readonly Backend[];
  /** Workloads it selects that do not declare the named port it points to: nothing is known of theirs. Sorted. */
  readonly unresolved: readonly KnownWorkload[];
}

/** A Service. */
export interface KnownService {
  readonly namespace: string;
  readonly name: string;
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  /** Cluster, external and load-balancer addresses, canonical text, sorted; none for a headless one. */
  readonly addresses: readonly string[];
  readonly ports: readonly KnownServicePort[];
}

/** A namespace. */
export interface KnownNamespace {
  readonly name: string;
  /** With `kubernetes.io/metadata.name`. */
  readonly labels: Labels;
}

/** What exists in the cluster, as its own objects tell: everything that resolution and decisions ask about it. */
export interface Directory {
  /** Sorted by namespace, name and kind. */
  readonly workloads: readonly KnownWorkload[];
  /** Sorted by namespace and name. */
  readonly services: readonly KnownService[];
  readonly namespaces: readonly KnownNamespace[];
  /** Where the API server listens: the endpoints of `default/kubernetes`. Sorted. */
  readonly apiServers: readonly { readonly address: string; readonly port: number }[];
  /**
   * Addresses that every node answers on by itself, sorted: the node-local DNS cache. It answers on the address of the
   * DNS Service too where it stands in front of it.
   */
  readonly nodeLocalAddresses: readonly string[];
  /** @returns undefined when nothing known fits; `ambiguous` when several do */
  readonly workloadOf: (clue: PodClue) => KnownWorkload | "ambiguous" | undefined;
  /** Who held an address at that time. @param address canonical text */
  readonly holderOf: (address: string, seen: Span) => Holder | undefined;
  /** The Service with this address; undefined also where several share it. @param address canonical text */
  readonly serviceAt: (address: string) => KnownService | undefined;
  /** True where any Service has this address. @param address canonical text */
  readonly isServiceAddress: (address: string) => boolean;
  /** The Service port at this address, also where Services share the address. @param address canonical text */
  readonly servicePortAt: (address: string, protocol: PolicyProtocol, port: number) => KnownServicePort | undefined;
  /** The Service by `namespace/name`. */
  readonly serviceNamed: (name: string) => KnownService | undefined;
  /** The Service port that every node answers on under this number. */
  readonly nodePort: (protocol: PolicyProtocol, port: number) => KnownServicePort | undefined;
}
