import { type EndpointView, EndpointViews } from "./endpoint-view.ts";
import type { End } from "./plan.ts";
import { atLeast, type Profile } from "./profile.ts";
import { hash32, type Random } from "./random.ts";
import { type FlowJson, type TcpFlags, tcpSummary, timestamp } from "./record.ts";
import type { ClusterNode, SimProtocol, World } from "./world.ts";

/** Where the datapath saw a packet, with the number of its trace event (pkg/monitor/api/types.go). */
export const POINTS = {
  TO_ENDPOINT: 0,
  TO_PROXY: 1,
  TO_HOST: 2,
  TO_STACK: 3,
  TO_OVERLAY: 4,
  FROM_ENDPOINT: 5,
  FROM_PROXY: 6,
  FROM_HOST: 7,
  FROM_STACK: 8,
  FROM_OVERLAY: 9,
  FROM_NETWORK: 10,
  TO_NETWORK: 11,
} as const;

export type Point = keyof typeof POINTS;

/** A line before it is written: when its agent wrote it, and what. */
export interface Draft {
  /** Microseconds since the epoch. */
  readonly time: number;
  /** `flow`, or the key of a line that carries none. */
  readonly kind: "flow" | "agent_event" | "lost_events" | "node_status";
  readonly node: string;
  readonly body: FlowJson | object;
}

/** A packet on its way, as the wire has it: for a reply the server is the source. */
export interface Packet {
  readonly time: number;
  readonly source: End;
  readonly destination: End;
  readonly protocol: SimProtocol | "ICMPv4";
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly flags: TcpFlags | undefined;
  readonly icmp?: { readonly type: number; readonly code?: number } | undefined;
  readonly reply: boolean;
}

/** What an event adds to the packet it is about. */
export interface Event {
  readonly type: 1 | 4 | 5 | 7 | 129;
  readonly subType?: number;
  readonly verdict?: string;
  readonly point?: Point;
  readonly isReply: boolean | undefined;
  readonly direction?: "INGRESS" | "EGRESS" | undefined;
  readonly reason?: string | undefined;
  readonly source?: EndpointView;
  readonly destination?: EndpointView;
  /** Fields that replace what would be there. */
  readonly more?: Partial<FlowJson>;
}

function layer4(packet: Packet): object {
  const ports = { source_port: packet.sourcePort || undefined, destination_port: packet.destinationPort || undefined };
  switch (packet.protocol) {
    case "TCP":
      return { TCP: { ...ports, flags: packet.flags } };
    case "UDP":
      return { UDP: ports };
    case "SCTP":
      return { SCTP: ports };
    case "ICMPv4":
      return { ICMPv4: { type: packet.icmp?.type || undefined, code: packet.icmp?.code } };
  }
}

const ICMP_SUMMARY: Readonly<Record<number, string>> = {
  0: "ICMPv4 EchoReply",
  3: "ICMPv4 DestinationUnreachable(Net)",
  8: "ICMPv4 EchoRequest",
  11: "ICMPv4 TimeExceeded(TTLExceeded)",
};

function summary(packet: Packet): string {
  if (packet.protocol === "TCP") return packet.flags === undefined ? "" : tcpSummary(packet.flags);
  if (packet.protocol === "ICMPv4") return ICMP_SUMMARY[packet.icmp?.type ?? 0] ?? "ICMPv4";
  return packet.protocol;
}

/** Why connection tracking traced a packet. */
function reasonOf(packet: Packet): string {
  if (packet.reply) return "REPLY";
  return packet.flags?.SYN === true || packet.protocol !== "TCP" ? "NEW" : "ESTABLISHED";
}

function ipVersion(ip: string): string {
  return ip.includes(":") ? "IPv6" : "IPv4";
}

function mac(text: string): string {
  const hex = hash32(text).toString(16).padStart(8, "0") + (hash32(`m${text}`) % 65536).toString(16).padStart(4, "0");
  const bytes = hex.match(/../g) ?? [];
  // Locally administered, unicast: the second digit is 2, 6, a or e.
  return [`${bytes[0]?.[0] ?? "0"}e`, ...bytes.slice(1)].join(":");
}

const TYPES: Readonly<Record<Event["type"], string>> = { 1: "L3_L4", 4: "L3_L4", 5: "L3_L4", 7: "SOCK", 129: "L7" };

/** All agents of a cluster: turns what happens to packets into the records they write. */
export class Agents {
  readonly world: World;
  readonly profile: Profile;
  readonly views: EndpointViews;
  readonly random: Random;
  readonly drafts: Draft[] = [];
  readonly #macs = new Map<string, string>();

  constructor(world: World, profile: Profile, random: Random) {
    this.world = world;
    this.profile = profile;
    this.views = new EndpointViews(world, profile);
    this.random = random;
  }

  /** `cluster/node` in newer versions. */
  nodeName(node: ClusterNode): string {
    return atLeast(this.profile, 16) ? `${this.world.cluster}/${node.name}` : node.name;
  }

  /** One end as the observer's agent reports it; a remote pod may be forgotten already. */
  view(end: End, observer: ClusterNode): EndpointView {
    const { anonymous, nameless } = this.profile;
    const isRemote = end.kind === "pod" && end.node !== observer;
    if (isRemote && anonymous > 0 && this.random.chance(anonymous)) return this.views.addressOnly();
    if (isRemote && this.random.chance(nameless)) {
      return this.views.labelsOnly(end.pod);
    }
    return this.views.of(end, observer);
  }

  /** A record of an event at a node. */
  record(observer: ClusterNode, packet: Packet, event: Event): void {
    const { profile, random } = this;
    if (!this.world.nodes.includes(observer)) return;
    const source = event.source ?? this.view(packet.source, observer);
    const destination = event.destination ?? this.view(packet.destination, observer);
    const framed = TYPES[event.type] === "L3_L4";
    const isReply = this.#isReply(event);
    const flow: FlowJson = {
      time: timestamp(packet.time, random.chance(0.02) ? 0 : random.integer(0, 999)),
      uuid: this.#uuid(),
      verdict: event.verdict ?? "FORWARDED",
      drop_reason: undefined,
      ethernet: framed
        ? { source: this.#mac(packet.source.ip), destination: this.#mac(packet.destination.ip) }
        : undefined,
      IP: {
        source: packet.source.ip,
        destination: packet.destination.ip,
        ipVersion: ipVersion(packet.source.ip),
      },
      l4: layer4(packet),
      source,
      destination,
      Type: TYPES[event.type],
      node_name: this.nodeName(observer),
      node_labels: this.#nodeLabels(observer),
      source_names: undefined,
      destination_names: undefined,
      l7: undefined,
      reply: isReply === true ? true : undefined,
      event_type: { type: event.type, sub_type: event.subType || undefined },
      source_service: undefined,
      destination_service: undefined,
      traffic_direction: event.direction,
      policy_match_type: undefined,
      trace_observation_point: event.point,
      trace_reason: atLeast(profile, 17) ? event.reason : undefined,
      drop_reason_desc: undefined,
      is_reply: isReply,
      interface: this.#interface(packet, event),
      proxy_port: undefined,
      sock_xlate_point: undefined,
      socket_cookie: undefined,
      cgroup_id: undefined,
      Summary: summary(packet),
      egress_allowed_by: undefined,
      ingress_allowed_by: undefined,
      ...event.more,
    };
    this.drafts.push({ time: packet.time, kind: "flow", node: this.nodeName(observer), body: flow });
  }

  /** A trace record: what reply, direction and reason are follows from the point (pkg/hubble/parser/threefour). */
  trace(observer: ClusterNode, packet: Packet, point: Point, special: Partial<Event> = {}): void {
    const unknown = point.startsWith("FROM_") || (point === "TO_OVERLAY" && this.profile.overlayReply === "unknown");
    const wrong =
      (point === "TO_STACK" || point === "TO_NETWORK") && packet.reply && this.random.chance(this.profile.wrongReplies);
    const isReply = unknown ? undefined : packet.reply && !wrong;
    this.record(observer, packet, {
      type: 4,
      subType: POINTS[point],
      point,
      isReply,
      direction: this.#direction(observer, packet, point, isReply),
      reason: unknown ? undefined : reasonOf(packet),
      ...special,
    });
  }

  /** Direction is "the local endpoint is the source" XOR "it is a reply", and unknown without a local endpoint. */
  #direction(
    observer: ClusterNode,
    packet: Packet,
    point: Point,
    isReply: boolean | undefined,
  ): "INGRESS" | "EGRESS" | undefined {
    if (isReply === undefined) return undefined;
    const local = point === "TO_ENDPOINT" ? packet.destination : packet.source;
    if (local.kind !== "pod" || local.node !== observer) return undefined;
    // Seen since 2025: TO_ENDPOINT says EGRESS for a request too.
    if (point === "TO_ENDPOINT" && !isReply && atLeast(this.profile, 17) && this.random.chance(0.1)) return "EGRESS";
    return (point !== "TO_ENDPOINT") !== isReply ? "EGRESS" : "INGRESS";
  }

  #isReply(event: Event): boolean | undefined {
    if (this.profile.isReply === "masked") return undefined;
    // Retina sets it on everything that is not DNS.
    if (this.profile.isReply === "retina" && event.type === 4) return false;
    return event.isReply;
  }

  #interface(packet: Packet, event: Event): { index: number; name: string } | undefined {
    if (event.point === "TO_OVERLAY") return { index: 6, name: "cilium_vxlan" };
    if (event.point === "TO_NETWORK") return { index: 2, name: "eth0" };
    if (event.point !== "TO_ENDPOINT" || packet.destination.kind !== "pod") return undefined;
    const hash = hash32(`if${packet.destination.pod.name}${packet.destination.ip}`);
    return { index: 8 + (hash % 40), name: `lxc${hash.toString(16).padStart(12, "0")}` };
  }

  #mac(ip: string): string {
    const known = this.#macs.get(ip) ?? mac(ip);
    this.#macs.set(ip, known);
    return known;
  }

  #nodeLabels(node: ClusterNode): string[] | undefined {
    if (!atLeast(this.profile, 17)) return undefined;
    return ["kubernetes.io/arch=amd64", `kubernetes.io/hostname=${node.name}`];
  }

  #uuid(): string | undefined {
    if (!atLeast(this.profile, 13)) return undefined;
    const part = (): string => this.random.integer(0, 0xffffffff).toString(16).padStart(8, "0");
    const [a, b, c, d] = [part(), part(), part(), part()];
    return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
  }
}
