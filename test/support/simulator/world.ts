/** Transports a simulated connection can have. */
export type SimProtocol = "TCP" | "UDP" | "SCTP";

export type WorkloadKind = "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" | "Job" | "Pod";

/** What Cilium gives a reserved identity and a simulated connection can have at one end. */
export type SimEntity = "host" | "remote-node" | "kube-apiserver" | "ingress" | "health" | "other-cluster";

/** One end of an edge of the world. */
export type Peer =
  | { readonly kind: "workload"; readonly namespace: string; readonly name: string }
  | { readonly kind: "external"; readonly address: string }
  /** `address` is undefined in a world and filled in by the truth, where the address a record shows is known. */
  | { readonly kind: "entity"; readonly entity: SimEntity; readonly address: string | undefined };

export interface Namespace {
  readonly name: string;
  /** Beside `kubernetes.io/metadata.name`, which every namespace has. */
  readonly labels: Readonly<Record<string, string>>;
}

/** When a CronJob runs, in UTC. */
export interface CronSchedule {
  readonly minutesOfDay: readonly number[];
  /** 0 is Sunday; undefined is every day. */
  readonly weekday: number | undefined;
}

export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: WorkloadKind;
  readonly replicas: number;
  /** Labels of the pod template, those that the controller adds at run time left out. */
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  /** Index of the node all pods run on; undefined spreads them over the workers. */
  readonly node: number | undefined;
  /** What the kubelet asks, and how often; undefined is no probe. */
  readonly probe: { readonly port: number; readonly perHour: number } | undefined;
  /** For CronJobs. */
  readonly schedule: CronSchedule | undefined;
  /** How often in the whole window all pods are replaced: a new template hash for a Deployment, new addresses for all. */
  readonly rollouts: number;
  /** A policy isolates these directions, so their agents report verdicts. */
  readonly isolated: { readonly ingress: boolean; readonly egress: boolean };
  /** True when the agents send this workload's DNS and HTTP through their proxy (if the profile has one). */
  readonly proxied: boolean;
}

/** A ClusterIP Service. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  /** Of {@link Workload}, same namespace. */
  readonly workload: string;
  readonly clusterIp: string;
  readonly ports: readonly { readonly protocol: SimProtocol; readonly port: number; readonly targetPort: number }[];
}

/** An address outside the cluster, with the names DNS gives for it. */
export interface External {
  readonly address: string;
  readonly names: readonly string[];
}

/** How an edge's connections look in a window. */
export type EdgeLife =
  /** Opened and closed within the window. */
  | "short"
  /** Opened before the window: packets of the client with the trace reason ESTABLISHED, and replies. */
  | "established"
  /** Opened before the window, and only replies are in it. */
  | "reply-only";

/** "This client opens connections to this port of that server": what the truth is made of. */
export interface WorldEdge {
  readonly client: Peer;
  readonly server: Peer;
  readonly protocol: SimProtocol;
  /** The pod's port, not the Service's. */
  readonly port: number;
  /** Connections an hour; at least one is made in every window. Jobs and CronJobs: connections a run. */
  readonly perHour: number;
  readonly life: EdgeLife;
  /** Paths asked, when it is HTTP. */
  readonly http: readonly string[];
}

/** A connection that a policy refuses, at the client's or at the server's side. */
export interface DeniedEdge {
  readonly client: Peer;
  readonly server: Peer;
  readonly protocol: SimProtocol;
  readonly port: number;
  readonly at: "egress" | "ingress";
  /** In the whole window. */
  readonly attempts: number;
}

export interface ClusterNode {
  readonly name: string;
  readonly controlPlane: boolean;
  /** InternalIP of the Node. */
  readonly ip: string;
  /** CiliumInternalIP: what host traffic to pods carries as its source. */
  readonly ciliumIp: string;
  readonly healthIp: string;
  /** Where Cilium's own Envoy sends from when it is the Ingress. */
  readonly ingressIp: string;
  /** What all addresses of its pod CIDR begin with: `10.244.1.`, `fd00:10:244:1::`. */
  readonly podPrefix: string;
}

/** How names are resolved. `port` is the pod's. */
export interface DnsSetup {
  readonly namespace: string;
  readonly workload: string;
  readonly service: string;
  readonly port: number;
  /** The cache on each node: none, in the host's network on 169.254.20.10, or as pods (GKE). */
  readonly nodeLocal: "none" | "host" | "pods";
}

/** A cluster with everything that talks in it. Plain data, the same for the same arguments. */
export interface World {
  readonly cluster: string;
  readonly nodes: readonly ClusterNode[];
  readonly namespaces: readonly Namespace[];
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly externals: readonly External[];
  readonly edges: readonly WorldEdge[];
  readonly denied: readonly DeniedEdge[];
  readonly dns: DnsSetup;
}

/** `shop/cart`, `203.0.113.7`, `host`: a stable name, unique among the peers of a world. */
export function simPeerName(peer: Peer): string {
  switch (peer.kind) {
    case "workload":
      return `${peer.namespace}/${peer.name}`;
    case "external":
      return peer.address;
    case "entity":
      return peer.address === undefined ? peer.entity : `${peer.entity}(${peer.address})`;
  }
}

export function findWorkload(world: World, peer: { readonly namespace: string; readonly name: string }): Workload {
  const found = world.workloads.find((one) => one.namespace === peer.namespace && one.name === peer.name);
  if (found === undefined) throw new RangeError(`no workload ${peer.namespace}/${peer.name} in the world`);
  return found;
}
