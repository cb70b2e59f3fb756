import type { PolicyProtocol } from "./flow.ts";
import type { Labels } from "./graph.ts";
import type { ManifestObject, ManifestPath } from "./manifest-object.ts";

/** A port a container declares; only the named ones decide anything in a NetworkPolicy. */
export interface DeclaredPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: PolicyProtocol;
}

/** Pods as a manifest describes them: a workload's template, or one pod as it is. */
export interface InventoryWorkload {
  readonly kind: string;
  readonly namespace: string;
  /** Of the workload; for a pod that a workload owns, of the pod. */
  readonly name: string;
  /** `namespace/name` of what people call it: the owner of a pod, the workload itself otherwise. */
  readonly owner: string;
  readonly labels: Labels;
  readonly ports: readonly DeclaredPort[];
  readonly hostNetwork: boolean;
  /** Addresses of a pod taken from a cluster; none for a template. */
  readonly ips: readonly string[];
  readonly node: string | undefined;
  /** Where the labels stand in {@link InventoryWorkload.object}. */
  readonly labelsPath: ManifestPath;
  readonly object: ManifestObject;
}

/** A namespace that a manifest describes. */
export interface InventoryNamespace {
  readonly name: string;
  readonly labels: Labels;
  readonly object: ManifestObject;
}
