/** Key of a {@link Workload} in its graph: `namespace/name`, or `namespace/Kind/name` where two kinds share a name. */
export type WorkloadKey = string;

/** What Cilium calls reserved identities and NetworkPolicy has no word for (pkg/identity/numericidentity.go). */
export type EntityName = "host" | "remote-node" | "kube-apiserver" | "ingress" | "unmanaged" | "other-cluster";

/** One end of an edge. Pods do not appear here: a workload stands for them. */
export type Peer =
  | { readonly kind: "workload"; readonly workload: WorkloadKey }
  /** An address outside the cluster, canonical text. */
  | { readonly kind: "external"; readonly address: string }
  /** `address` is the one the flow log showed; undefined when it showed none. */
  | { readonly kind: "entity"; readonly entity: EntityName; readonly address: string | undefined };

/** A stable text for a peer, unique among peers: `shop/cart`, `203.0.113.7`, `remote-node(10.0.0.4)`. */
export function peerName(peer: Peer): string {
  switch (peer.kind) {
    case "workload":
      return peer.workload;
    case "external":
      return peer.address;
    case "entity":
      return peer.address === undefined ? peer.entity : `${peer.entity}(${peer.address})`;
  }
}
