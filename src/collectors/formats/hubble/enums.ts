import type { EventKind, TraceReason, Verdict } from "../../../model/flow.ts";

/**
 * The enums of Hubble's flow.proto, by number. protojson writes names, but a number where the writer did not know the
 * value, and always a number for the deprecated `drop_reason` (cilium/cilium api/v1/flow/flow.proto).
 */

/** enum Verdict. */
export const VERDICTS: readonly Verdict[] = [
  "UNKNOWN",
  "FORWARDED",
  "DROPPED",
  "ERROR",
  "AUDIT",
  "REDIRECTED",
  "TRACED",
  "TRANSLATED",
];

/** enum TraceObservationPoint. */
export const OBSERVATION_POINTS: Readonly<Record<number, string>> = {
  1: "TO_PROXY",
  2: "TO_HOST",
  3: "TO_STACK",
  4: "TO_OVERLAY",
  5: "FROM_ENDPOINT",
  6: "FROM_PROXY",
  7: "FROM_HOST",
  8: "FROM_STACK",
  9: "FROM_OVERLAY",
  10: "FROM_NETWORK",
  11: "TO_NETWORK",
  12: "FROM_CRYPTO",
  13: "TO_CRYPTO",
  101: "TO_ENDPOINT",
};

/**
 * enum TraceReason. REOPENED (a SYN on a closing connection's 5-tuple) opens a connection as NEW does; the
 * encapsulation reasons say nothing about the direction.
 */
export const TRACE_REASONS: ReadonlyMap<string | number, TraceReason> = new Map<string | number, TraceReason>([
  ["NEW", "new"],
  ["ESTABLISHED", "established"],
  ["REPLY", "reply"],
  ["RELATED", "related"],
  ["REOPENED", "new"],
  [1, "new"],
  [2, "established"],
  [3, "reply"],
  [4, "related"],
  [5, "new"],
]);

/** enum TrafficDirection. */
export const DIRECTIONS: ReadonlyMap<string | number, "ingress" | "egress"> = new Map<
  string | number,
  "ingress" | "egress"
>([
  ["INGRESS", "ingress"],
  ["EGRESS", "egress"],
  [1, "ingress"],
  [2, "egress"],
]);

/** `event_type.type`: pkg/monitor/api/types.go, MessageType*. */
export const EVENT_KINDS: ReadonlyMap<number, EventKind> = new Map<number, EventKind>([
  [1, "drop"],
  [3, "debug-capture"],
  [4, "trace"],
  [5, "policy-verdict"],
  [7, "socket"],
  [129, "l7"],
]);

/** enum L7FlowType. */
export const L7_TYPES: ReadonlyMap<string | number, "request" | "response" | "sample"> = new Map<
  string | number,
  "request" | "response" | "sample"
>([
  ["REQUEST", "request"],
  ["RESPONSE", "response"],
  ["SAMPLE", "sample"],
  [1, "request"],
  [2, "response"],
  [3, "sample"],
]);

/** enum LostEventSource. */
export const LOST_EVENT_SOURCES: readonly string[] = [
  "UNKNOWN_LOST_EVENT_SOURCE",
  "PERF_EVENT_RING_BUFFER",
  "OBSERVER_EVENTS_QUEUE",
  "HUBBLE_RING_BUFFER",
];

/** relay.proto enum NodeState. */
export const NODE_STATES: ReadonlyMap<string | number, "connected" | "unavailable" | "gone" | "error"> = new Map<
  string | number,
  "connected" | "unavailable" | "gone" | "error"
>([
  ["NODE_CONNECTED", "connected"],
  ["NODE_UNAVAILABLE", "unavailable"],
  ["NODE_GONE", "gone"],
  ["NODE_ERROR", "error"],
  [1, "connected"],
  [2, "unavailable"],
  [3, "gone"],
  [4, "error"],
]);

/** enum DropReason: the numbers are shared with bpf/lib/common.h; 159 was never given out. */
const FIRST_DROP_REASON = 130;
const DROP_REASONS: readonly string[] = [
  "INVALID_SOURCE_MAC",
  "INVALID_DESTINATION_MAC",
  "INVALID_SOURCE_IP",
  "POLICY_DENIED",
  "INVALID_PACKET_DROPPED",
  "CT_TRUNCATED_OR_INVALID_HEADER",
  "CT_MISSING_TCP_ACK_FLAG",
  "CT_UNKNOWN_L4_PROTOCOL",
  "CT_CANNOT_CREATE_ENTRY_FROM_PACKET",
  "UNSUPPORTED_L3_PROTOCOL",
  "MISSED_TAIL_CALL",
  "ERROR_WRITING_TO_PACKET",
  "UNKNOWN_L4_PROTOCOL",
  "UNKNOWN_ICMPV4_CODE",
  "UNKNOWN_ICMPV4_TYPE",
  "UNKNOWN_ICMPV6_CODE",
  "UNKNOWN_ICMPV6_TYPE",
  "ERROR_RETRIEVING_TUNNEL_KEY",
  "ERROR_RETRIEVING_TUNNEL_OPTIONS",
  "INVALID_GENEVE_OPTION",
  "UNKNOWN_L3_TARGET_ADDRESS",
  "STALE_OR_UNROUTABLE_IP",
  "NO_MATCHING_LOCAL_CONTAINER_FOUND",
  "ERROR_WHILE_CORRECTING_L3_CHECKSUM",
  "ERROR_WHILE_CORRECTING_L4_CHECKSUM",
  "CT_MAP_INSERTION_FAILED",
  "INVALID_IPV6_EXTENSION_HEADER",
  "IP_FRAGMENTATION_NOT_SUPPORTED",
  "SERVICE_BACKEND_NOT_FOUND",
  "DROP_REASON_159",
  "NO_TUNNEL_OR_ENCAPSULATION_ENDPOINT",
  "FAILED_TO_INSERT_INTO_PROXYMAP",
  "REACHED_EDT_RATE_LIMITING_DROP_HORIZON",
  "UNKNOWN_CONNECTION_TRACKING_STATE",
  "LOCAL_HOST_IS_UNREACHABLE",
  "NO_CONFIGURATION_AVAILABLE_TO_PERFORM_POLICY_DECISION",
  "UNSUPPORTED_L2_PROTOCOL",
  "NO_MAPPING_FOR_NAT_MASQUERADE",
  "UNSUPPORTED_PROTOCOL_FOR_NAT_MASQUERADE",
  "FIB_LOOKUP_FAILED",
  "ENCAPSULATION_TRAFFIC_IS_PROHIBITED",
  "INVALID_IDENTITY",
  "UNKNOWN_SENDER",
  "NAT_NOT_NEEDED",
  "IS_A_CLUSTERIP",
  "FIRST_LOGICAL_DATAGRAM_FRAGMENT_NOT_FOUND",
  "FORBIDDEN_ICMPV6_MESSAGE",
  "DENIED_BY_LB_SRC_RANGE_CHECK",
  "SOCKET_LOOKUP_FAILED",
  "SOCKET_ASSIGN_FAILED",
  "PROXY_REDIRECTION_NOT_SUPPORTED_FOR_PROTOCOL",
  "POLICY_DENY",
  "VLAN_FILTERED",
  "INVALID_VNI",
  "INVALID_TC_BUFFER",
  "NO_SID",
  "MISSING_SRV6_STATE",
  "NAT46",
  "NAT64",
  "AUTH_REQUIRED",
  "CT_NO_MAP_FOUND",
  "SNAT_NO_MAP_FOUND",
  "INVALID_CLUSTER_ID",
  "UNSUPPORTED_PROTOCOL_FOR_DSR_ENCAP",
  "NO_EGRESS_GATEWAY",
  "UNENCRYPTED_TRAFFIC",
  "TTL_EXCEEDED",
  "NO_NODE_ID",
  "DROP_RATE_LIMITED",
  "IGMP_HANDLED",
  "IGMP_SUBSCRIBED",
  "MULTICAST_HANDLED",
  "DROP_HOST_NOT_READY",
  "DROP_EP_NOT_READY",
  "DROP_NO_EGRESS_IP",
  "DROP_PUNT_PROXY",
  "DROP_NO_DEVICE",
];

/**
 * The name of a drop reason's number: `DROP_REASON_<n>` for one this version does not know, undefined for 0, which
 * means that nothing was dropped or that nobody knows why.
 */
export function dropReasonName(number: number): string | undefined {
  return number === 0 ? undefined : (DROP_REASONS[number - FIRST_DROP_REASON] ?? `DROP_REASON_${number}`);
}
