/** Transport of a connection. Everything that NetworkPolicy cannot name is `ICMPv4`, `ICMPv6` or `other`. */
export type Protocol = "TCP" | "UDP" | "SCTP" | "ICMPv4" | "ICMPv6" | "other";

/** The transports networking.k8s.io/v1 knows. */
export type PolicyProtocol = "TCP" | "UDP" | "SCTP";

/** True for the transports that NetworkPolicy is defined for (networking.k8s.io/v1). */
export function isPolicyProtocol(protocol: Protocol): protocol is PolicyProtocol {
  return protocol === "TCP" || protocol === "UDP" || protocol === "SCTP";
}

/** Hubble's verdict (flow.proto `Verdict`); `UNKNOWN` also stands for a value this version does not know. */
export type Verdict = "FORWARDED" | "REDIRECTED" | "AUDIT" | "DROPPED" | "ERROR" | "TRACED" | "TRANSLATED" | "UNKNOWN";

/** What kind of datapath event a record reports (Hubble's `event_type.type`, pkg/monitor/api/types.go). */
export type EventKind = "drop" | "debug-capture" | "trace" | "policy-verdict" | "socket" | "l7" | "unknown";

/** Why the datapath traced a packet (flow.proto `TraceReason`, Cilium 1.17 and later). */
export type TraceReason = "new" | "established" | "reply" | "related" | "unknown";

/** Bits of {@link FlowRecord.tcpFlags}, as on the wire (RFC 9293). */
export const TCP_FIN = 1;
export const TCP_SYN = 2;
export const TCP_RST = 4;
export const TCP_PSH = 8;
export const TCP_ACK = 16;

/** The controller a source names for a pod. */
export interface WorkloadHint {
  readonly kind: string;
  readonly name: string;
}

/**
 * What a source says about one side of a record, its address excepted.
 *
 * Collectors intern these: two sides with equal content are the same object, so that everything derived from it
 * can be remembered by reference.
 */
export interface Endpoint {
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
  readonly podName: string | undefined;
  /** As the source wrote them, `source:key=value` (`k8s:app=cart`, `reserved:host`), sorted. */
  readonly labels: readonly string[];
  readonly workload: WorkloadHint | undefined;
  /** True when the reporting agent runs on this endpoint's own node (Hubble sets the endpoint `ID` then). */
  readonly local: boolean;
}

/** The layer 7 part of a record, as far as learning needs it. */
export interface Layer7 {
  readonly type: "request" | "response" | "sample";
  /** The question and, in a response, the addresses answered. */
  readonly dns: { readonly query: string; readonly ips: readonly string[] } | undefined;
}

/**
 * One record of a flow log as its source reported it: a packet event, not a connection. `source` and `destination`
 * are the packet's, so for a reply the client is the destination.
 */
export interface FlowRecord {
  /** Milliseconds since the epoch, whole; undefined when the source gave none or an unreadable one. */
  readonly time: number | undefined;
  readonly verdict: Verdict;
  readonly event: EventKind;
  /** Hubble's `drop_reason_desc` (or the name of the deprecated number); undefined when nothing was dropped. */
  readonly dropReason: string | undefined;
  /** `TO_ENDPOINT`, `FROM_OVERLAY`, ...; undefined when absent, and for events that have none. */
  readonly observationPoint: string | undefined;
  /** Three-valued: undefined means the source did not say. Never read as `false`. */
  readonly isReply: boolean | undefined;
  readonly traceReason: TraceReason | undefined;
  /** Which side's policy the datapath consulted. Says nothing about who is the client. */
  readonly direction: "ingress" | "egress" | undefined;
  readonly protocol: Protocol;
  /** Bits of TCP_*; undefined when the record has no flags. */
  readonly tcpFlags: number | undefined;
  readonly icmpType: number | undefined;
  /** Canonical text of the address (`ipaddr.js` form); undefined when absent. */
  readonly sourceIp: string | undefined;
  readonly destinationIp: string | undefined;
  /** 1-65535; undefined when absent or the protocol has none. */
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** `namespace/name` of the Service whose address the packet carried, if the agent knew it. */
  readonly sourceService: string | undefined;
  readonly destinationService: string | undefined;
  /** DNS names the agent knew for an address. */
  readonly sourceNames: readonly string[];
  readonly destinationNames: readonly string[];
  readonly layer7: Layer7 | undefined;
  /** The node whose agent reported the record. */
  readonly node: string | undefined;
  /** Events this record stands for: 1, or the sum of the exporter's aggregation counters. */
  readonly weight: number;
}
