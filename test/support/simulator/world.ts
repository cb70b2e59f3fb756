/** Transports a simulated connection can have. */
export type SimProtocol = "TCP" | "UDP" | "SCTP";

/** `Rollout` is Argo's; a `ReplicaSet` here is one that nobody owns. */
export type WorkloadKind =
  | "Deployment"
  | "StatefulSet"
  | "DaemonSet"
  | "CronJob"
  | "Job"
  | "Pod"
  | "ReplicaSet"
  | "Rollout";

export type Labels = Readonly<Record<string, string>>;

/** A port that a container declares; the names matter where a Service or a probe points to them. */
export interface ContainerPort {
  readonly name?: string;
  readonly protocol: SimProtocol;
  readonly port: number;
}

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
  /** What its controller selects its pods by; undefined is what {@link selectorOf} works out. */
  readonly selector?: Labels;
  /** What its container declares; undefined is the ports at which the world's edges and Services meet it, without names. */
  readonly ports?: readonly ContainerPort[];
  /** Of the pod template. */
  readonly annotations?: Labels;
  /** Its pods have their node's address, and Cilium takes them for the node. */
  readonly hostNetwork?: boolean;
  /** Minutes between one pod and the next when a Deployment or Rollout is rolled out; undefined replaces all at once. */
  readonly rolling?: number;
}

export interface ServicePort {
  readonly name?: string;
  readonly protocol: SimProtocol;
  readonly port: number;
  /** The pod's port. */
  readonly targetPort: number;
  /** The container port that the Service names instead of a number; `targetPort` is then its number in the first backend. */
  readonly targetName?: string;
  /** For NodePort and LoadBalancer. */
  readonly nodePort?: number;
}

/** A Service; a ClusterIP one unless `type` says so. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  /** Of {@link Workload}, same namespace. */
  readonly workload: string;
  /** `None` for a headless one, and for an ExternalName. */
  readonly clusterIp: string;
  readonly ports: readonly ServicePort[];
  readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  /** Which pods it sends to; undefined is its workload's own selector. */
  readonly selector?: Labels;
  /** Addresses outside the cluster: the Service has no selector and somebody wrote its EndpointSlice. */
  readonly endpoints?: readonly string[];
  /** Of a LoadBalancer: the address its provider gave it. */
  readonly loadBalancerIp?: string;
  readonly externalName?: string;
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
  /** How clients inside the cluster dial the server's NodePort Service; undefined is its own address. */
  readonly via?: "node-port";
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

/** A port of a Service, by the Service's own number. */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** Objects that make something outside the workloads call them, whether or not it did in the window. */
export interface Extensions {
  /** The API server asks these. */
  readonly webhooks: readonly { readonly kind: "Mutating" | "Validating"; readonly service: ServiceReference }[];
  /** The API server sends a group's requests there. */
  readonly apiServices: readonly {
    readonly group: string;
    readonly version: string;
    readonly service: ServiceReference;
  }[];
  /** The ingress controller sends a host's requests there. */
  readonly ingresses: readonly {
    readonly host: string;
    readonly className: string;
    readonly service: ServiceReference;
  }[];
  /** HTTPRoutes of a Gateway. */
  readonly routes: readonly { readonly host: string; readonly service: ServiceReference }[];
  /** ServiceMonitors: Prometheus asks the pods behind that port of the Service. */
  readonly monitors: readonly { readonly service: ServiceReference; readonly path: string }[];
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
  readonly extensions?: Extensions;
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
