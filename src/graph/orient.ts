import { type FlowRecord, TCP_ACK, TCP_SYN } from "../model/flow.ts";

/** First port that Linux hands out to clients by itself (net.ipv4.ip_local_port_range). */
const FIRST_EPHEMERAL_PORT = 32768;

/** Why a well understood record says nothing about an edge. Rows of the summary; the README explains each. */
export type AsideReason =
  | "debug-capture"
  | "dropped-mid-connection"
  | "from-observation-point"
  | "icmp-error"
  | "l7-sample"
  | "neighbour-discovery"
  | "no-transport"
  | "related"
  | "socket-trace"
  | "verdict-unknown";

/** Who opened the connection a packet belongs to. */
export type Orientation =
  /** `source` is the client. `opening`: this very packet opens it (SYN, first-packet verdict, L7 request). */
  | { readonly kind: "request"; readonly opening: boolean }
  /** `destination` is the client. */
  | { readonly kind: "reply" }
  /** Not told by this record; `says` is what a bit that is known to lie claims. */
  | { readonly kind: "undirected"; readonly says: "request" | "reply" | undefined }
  /** The opening of a connection that the datapath refused; `source` is the client. */
  | { readonly kind: "denied" }
  | { readonly kind: "aside"; readonly reason: AsideReason };

const OPENING: Orientation = { kind: "request", opening: true };
const REQUEST: Orientation = { kind: "request", opening: false };
const REPLY: Orientation = { kind: "reply" };
const DENIED: Orientation = { kind: "denied" };
const UNDIRECTED: Orientation = { kind: "undirected", says: undefined };

function aside(reason: AsideReason): Orientation {
  return { kind: "aside", reason };
}

/**
 * Tells client from server by one record alone, and which records tell nothing (facts/flows.md, 1.3 and 1.4). Never
 * by `direction`, never by the lower port: both were disproved on real captures.
 */
export function orient(record: FlowRecord): Orientation {
  const unusable = unusableReason(record);
  if (unusable !== undefined) return aside(unusable);
  if (isDenied(record)) return orientDenied(record);
  if (record.protocol === "ICMPv4" || record.protocol === "ICMPv6") return orientIcmp(record);
  if (isFromPoint(record) && !isSyn(record)) return aside("from-observation-point");
  if (record.layer7 !== undefined) return record.layer7.type === "request" ? OPENING : REPLY;
  if (record.event === "policy-verdict") return orientVerdict(record);
  return orientTrace(record);
}

function unusableReason(record: FlowRecord): AsideReason | undefined {
  if (record.protocol === "other") return "no-transport";
  return (
    unusableEvent(record) ??
    unusablePacket(record) ??
    (record.verdict === "UNKNOWN" && record.event !== "drop" ? "verdict-unknown" : undefined)
  );
}

function unusableEvent(record: FlowRecord): AsideReason | undefined {
  const { event, verdict } = record;
  if (event === "socket" || verdict === "TRACED" || verdict === "TRANSLATED") return "socket-trace";
  if (event === "debug-capture" && !isSyn(record)) return "debug-capture";
  return record.layer7?.type === "sample" ? "l7-sample" : undefined;
}

function unusablePacket(record: FlowRecord): AsideReason | undefined {
  if (record.traceReason === "related") return "related";
  if (isIcmpError(record)) return "icmp-error";
  return isNeighbourDiscovery(record) ? "neighbour-discovery" : undefined;
}

function isDenied(record: FlowRecord): boolean {
  return record.event === "drop" || record.verdict === "DROPPED" || record.verdict === "ERROR";
}

/** A refused reply, or a packet of a connection that was open before, is nobody's attempt. */
function orientDenied(record: FlowRecord): Orientation {
  if (record.isReply === true || record.layer7?.type === "response") return aside("dropped-mid-connection");
  if (record.protocol === "ICMPv4" || record.protocol === "ICMPv6") return DENIED;
  if (record.tcpFlags !== undefined && !isSyn(record)) return aside("dropped-mid-connection");
  if (!isSyn(record) && fromServerPort(record)) return aside("dropped-mid-connection");
  return DENIED;
}

function orientIcmp(record: FlowRecord): Orientation {
  if (record.icmpType === 8 || record.icmpType === 128) return OPENING;
  return record.icmpType === 0 || record.icmpType === 129 || record.isReply === true ? REPLY : UNDIRECTED;
}

/** Forwarded verdicts are sent for the first packet of a connection only. SYN+ACK still overrules: some sources misuse the event. */
function orientVerdict(record: FlowRecord): Orientation {
  if (isSynAck(record) || record.isReply === true) return REPLY;
  return OPENING;
}

/**
 * `is_reply` lies in some agents (retina pkg/utils/flow_utils.go; cilium #18196, #46484), and a lie makes a server of a
 * client's own port. So a claim that makes a server of an ephemeral port needs a second witness; it is not turned round
 * either.
 */
function orientTrace(record: FlowRecord): Orientation {
  if (isSynAck(record)) return REPLY;
  if (isSyn(record)) return OPENING;
  const says = record.isReply === undefined ? saidByTraceReason(record) : record.isReply ? "reply" : "request";
  if (says === undefined) return UNDIRECTED;
  const serverPort = says === "request" ? record.destinationPort : record.sourcePort;
  if (isEphemeral(serverPort)) return { kind: "undirected", says };
  return says === "request" ? REQUEST : REPLY;
}

function saidByTraceReason(record: FlowRecord): "request" | "reply" | undefined {
  switch (record.traceReason) {
    case "new":
    case "established":
      return "request";
    case "reply":
      return "reply";
    case "related":
    case "unknown":
    case undefined:
      return undefined;
  }
}

/** A packet without TCP flags that goes from a fixed port to an ephemeral one: where it was refused it was an answer. */
function fromServerPort(record: FlowRecord): boolean {
  return isFixed(record.sourcePort) && isEphemeral(record.destinationPort);
}

function isFixed(port: number | undefined): boolean {
  return port !== undefined && port < FIRST_EPHEMERAL_PORT;
}

function isEphemeral(port: number | undefined): boolean {
  return port !== undefined && port >= FIRST_EPHEMERAL_PORT;
}

function isFromPoint(record: FlowRecord): boolean {
  return record.observationPoint?.startsWith("FROM_") === true;
}

function isSyn(record: FlowRecord): boolean {
  return record.tcpFlags !== undefined && (record.tcpFlags & (TCP_SYN | TCP_ACK)) === TCP_SYN;
}

function isSynAck(record: FlowRecord): boolean {
  return record.tcpFlags !== undefined && (record.tcpFlags & (TCP_SYN | TCP_ACK)) === (TCP_SYN | TCP_ACK);
}

function isIcmpError(record: FlowRecord): boolean {
  const type = record.icmpType ?? -1;
  if (record.protocol === "ICMPv4") return [3, 4, 5, 11, 12].includes(type);
  return record.protocol === "ICMPv6" && type >= 1 && type <= 4;
}

/** Router and neighbour messages, RFC 4861. */
function isNeighbourDiscovery(record: FlowRecord): boolean {
  return (
    record.protocol === "ICMPv6" && record.icmpType !== undefined && record.icmpType >= 133 && record.icmpType <= 137
  );
}

/** Reasons by which a policy, and not the datapath's own trouble, refused a packet (flow.proto `DropReason`). */
const POLICY_DROPS: ReadonlySet<string> = new Set(["POLICY_DENIED", "POLICY_DENY", "AUTH_REQUIRED"]);

/** True when a policy refused this denied record: only such a refusal says what somebody decided. */
export function isPolicyDrop(record: FlowRecord): boolean {
  if (record.dropReason !== undefined) return POLICY_DROPS.has(record.dropReason);
  return record.verdict !== "ERROR" && (record.event === "policy-verdict" || record.event === "l7");
}

/**
 * True when a record proves that the connection reached its server: the client's node says FORWARDED also for packets
 * that the server's node then drops (facts/flows.md, section 5).
 */
export function provesPassage(record: FlowRecord, orientation: Orientation): boolean {
  if (orientation.kind === "reply") return true;
  if (orientation.kind !== "request") return false;
  if (record.event === "policy-verdict") return record.direction === "ingress";
  if (record.traceReason === "established") return true;
  return record.observationPoint === "TO_ENDPOINT";
}
