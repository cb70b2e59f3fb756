/** How the simulated agents and exporters are set up: the dimensions along which real flow logs differ. */
export interface Profile {
  /** Decides which fields exist: uuid and workloads from 1.13, trace_reason and node_labels from 1.17. */
  readonly version: "1.10" | "1.15" | "1.17" | "1.19";
  readonly datapath: "overlay" | "native";
  /** `kube-proxy` leaves Service addresses in the records of the client's node. */
  readonly services: "kube-proxy-replacement" | "kube-proxy";
  /** Records with a Service's address name the Service too (`destination_service`). */
  readonly serviceNames: boolean;
  /** With kube-proxy: pods dial the API server by `default/kubernetes`, not by where it listens. */
  readonly kubernetesService: boolean;
  /** Monitor aggregation: `none` adds FROM_* records and one record a packet. */
  readonly aggregation: "none" | "medium";
  /** Records of the workloads marked `proxied` pass the agent's proxy. */
  readonly proxy: "none" | "dns" | "dns-and-http";
  /** `absent`: no policies, so no verdict records and nothing denied. `audit`: denied attempts pass, verdict AUDIT. */
  readonly policies: "enforced" | "audit" | "absent";
  /** `retina`: is_reply is false on everything. `masked`: never there. */
  readonly isReply: "right" | "retina" | "masked";
  /** `unknown`: TO_OVERLAY has no is_reply (before 1.17 the datapath did not say). */
  readonly overlayReply: "known" | "unknown";
  /** Labels that Cilium filters out by default (pod-template-hash, controller-revision-hash, pod-name, ...). */
  readonly volatileLabels: boolean;
  /** SOCK records (four a connect) of the socket load balancer. */
  readonly sockets: boolean;
  /** Share of TO_STACK and TO_NETWORK replies with is_reply false (cilium#13744, cilium#46484). */
  readonly wrongReplies: number;
  /** IPv4 and IPv6 in one cluster: outside is world-ipv4 and world-ipv6. */
  readonly dualStack: boolean;
  /** The last so many nodes send nothing, and the relay says that it cannot reach them. */
  readonly silentNodes: number;
  /** Share of layer 7 server sides with a pod name and the labels of `reserved:world`. */
  readonly mislabelled: number;
  /** Share of remote sides with labels and without pod_name and namespace, as after the pod is gone. */
  readonly nameless: number;
  /** Share of remote sides of which only the address is known, as when the ipcache has no entry (yet, or any more). */
  readonly anonymous: number;
  /** Health checks of Cilium itself: rounds an hour, each a TCP and an ICMP check from node to node. */
  readonly healthPerHour: number;
  /** Drops that are no policy's doing (CT_*, STALE_OR_UNROUTABLE_IP), in the whole window. */
  readonly infraDrops: number;
  /** ICMP errors of a router, in the whole window. */
  readonly icmpErrors: number;
  /** agent_event lines, in the whole window. */
  readonly agentEvents: number;
  /** lost_events lines, in the whole window. */
  readonly lostEvents: number;
  /** node_status lines at the start. */
  readonly nodeStatus: boolean;
  /** Replacements of single pods (same template), in the whole window. */
  readonly restarts: number;
  /** A new pod gets the address that was given back last, not the one unused longest. */
  readonly reuseIps: boolean;
  /** Records are out of order by at most this many microseconds. */
  readonly jitter: number;
  /** Share of lines delivered twice. */
  readonly redelivered: number;
  /** Top-level fields of the flow that the exporter keeps (dotted for one level more); undefined keeps all. */
  readonly fieldMask: readonly string[] | undefined;
  /** Seconds over which the exporter merges alike flows into one line; undefined does not. */
  readonly exporterAggregation: number | undefined;
  /** `export`: {"flow":...,"node_name":...,"time":...}; `bare`: the flow alone, as old CLIs wrote it. */
  readonly shape: "export" | "bare";
}

/** Cilium 1.15 with an overlay, kube-proxy replacement and monitor aggregation medium; policies where the world has them. */
export const DEFAULT_PROFILE: Profile = {
  version: "1.15",
  datapath: "overlay",
  services: "kube-proxy-replacement",
  serviceNames: true,
  kubernetesService: false,
  aggregation: "medium",
  proxy: "none",
  policies: "enforced",
  isReply: "right",
  overlayReply: "unknown",
  volatileLabels: false,
  sockets: false,
  wrongReplies: 0,
  dualStack: false,
  silentNodes: 0,
  mislabelled: 0.12,
  nameless: 0.04,
  anonymous: 0,
  healthPerHour: 0.5,
  infraDrops: 2,
  icmpErrors: 2,
  agentEvents: 1,
  lostEvents: 1,
  nodeStatus: true,
  restarts: 1,
  reuseIps: false,
  jitter: 200_000,
  redelivered: 0.03,
  fieldMask: undefined,
  exporterAggregation: undefined,
  shape: "export",
};

/** Nothing but what the connections themselves bring: for tests of one thing at a time. */
export const QUIET: Partial<Profile> = {
  mislabelled: 0,
  nameless: 0,
  healthPerHour: 0,
  infraDrops: 0,
  icmpErrors: 0,
  agentEvents: 0,
  lostEvents: 0,
  nodeStatus: false,
  restarts: 0,
  jitter: 0,
  redelivered: 0,
};

/** Named settings worth a test each, to be laid over {@link DEFAULT_PROFILE}. */
export const PROFILES: Readonly<Record<string, Partial<Profile>>> = {
  default: {},
  "cilium 1.10, DNS and HTTP proxied": { version: "1.10", proxy: "dns-and-http" },
  "cilium 1.15, DNS proxied": { proxy: "dns" },
  "cilium 1.17, native routing": { version: "1.17", datapath: "native", overlayReply: "known" },
  "cilium 1.19, overlay": { version: "1.19", overlayReply: "known" },
  "native routing, kube-proxy": { datapath: "native", services: "kube-proxy" },
  "kube-proxy": { services: "kube-proxy" },
  "monitor aggregation none, SOCK records": { aggregation: "none", sockets: true },
  "no policies": { policies: "absent" },
  "audit mode": { policies: "audit" },
  retina: { isReply: "retina", policies: "absent", overlayReply: "known" },
  "volatile labels": { volatileLabels: true },
  "many restarts, reused addresses": { restarts: 12, reuseIps: true, nameless: 0.2 },
  "exporter aggregation": { version: "1.19", overlayReply: "known", exporterAggregation: 30 },
  "wrong is_reply": { version: "1.17", datapath: "native", overlayReply: "known", wrongReplies: 0.3 },
  "dual stack": { dualStack: true },
  "bare flows": { shape: "bare" },
};

/** Settings under which records do not say who is who, or which port it is: only with the cluster's objects can they be read. */
export const OBJECT_PROFILES: Readonly<Record<string, Partial<Profile>>> = {
  "kube-proxy, Services named": { services: "kube-proxy", kubernetesService: true },
  "kube-proxy, Services unnamed": { services: "kube-proxy", kubernetesService: true, serviceNames: false },
  "kube-proxy, native routing, Services unnamed": {
    services: "kube-proxy",
    kubernetesService: true,
    serviceNames: false,
    datapath: "native",
    version: "1.17",
    overlayReply: "known",
  },
  "addresses only": { fieldMask: maskOf([]) },
  "addresses only, native routing": { fieldMask: maskOf([]), datapath: "native" },
  "addresses only, kube-proxy": { fieldMask: maskOf([]), services: "kube-proxy", kubernetesService: true },
  "pod names only": { fieldMask: maskOf(["namespace", "pod_name"]) },
  "pod names only, kube-proxy": {
    fieldMask: maskOf(["namespace", "pod_name"]),
    services: "kube-proxy",
    kubernetesService: true,
  },
  "remote ends unknown": { anonymous: 1, mislabelled: 0 },
};

/** What a flow is about, with the given fields of its ends and nothing else that tells who they are. */
function maskOf(fields: readonly string[]): readonly string[] {
  const ends = fields.flatMap((field) => [`source.${field}`, `destination.${field}`]);
  const flow = ["time", "verdict", "drop_reason_desc", "IP", "l4", "Type", "node_name", "event_type", "is_reply"];
  return [...flow, "trace_observation_point", ...ends];
}

/** Field masks met in the wild. */
export const FIELD_MASKS: Readonly<Record<"labelless" | "typeless" | "replyless", readonly string[]>> = {
  /** Labels left out, the rest that matters kept. */
  labelless: [
    "time",
    "verdict",
    "drop_reason_desc",
    "IP",
    "l4",
    "source.namespace",
    "source.pod_name",
    "source.workloads",
    "source.identity",
    "destination.namespace",
    "destination.pod_name",
    "destination.workloads",
    "destination.identity",
    "Type",
    "is_reply",
    "event_type",
    "trace_observation_point",
    "node_name",
  ],
  /** The documentation's example: no event type, no observation point. */
  typeless: ["time", "IP", "l4", "source", "destination", "verdict", "is_reply", "node_name"],
  /** Without is_reply only SYN flags orient. */
  replyless: ["time", "IP", "l4", "source", "destination", "verdict", "Type", "event_type", "node_name"],
};

/** True when the profile's agents are at least that new; versions are `1.<minor>`. */
export function atLeast(profile: Profile, minor: number): boolean {
  return Number(profile.version.split(".")[1]) >= minor;
}
