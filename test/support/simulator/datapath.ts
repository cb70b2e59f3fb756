import type { Agents, Event, Packet } from "./agents.ts";
import { recordDenied } from "./denied.ts";
import { packetOf, pathOf } from "./packets.ts";
import type { Connection, End } from "./plan.ts";
import { atLeast } from "./profile.ts";
import { recordProxied } from "./proxy.ts";
import { proxied } from "./proxying.ts";
import type { PolicyJson, TcpFlags } from "./record.ts";
import { dialledBy, recordSent, recordService, throughNode } from "./service-translation.ts";
import type { Workload } from "./world.ts";

const SYN: TcpFlags = { SYN: true };
const SYN_ACK: TcpFlags = { SYN: true, ACK: true };
const ACK: TcpFlags = { ACK: true };
const PSH_ACK: TcpFlags = { PSH: true, ACK: true };
const FIN_ACK: TcpFlags = { FIN: true, ACK: true };

/** FROM_* points exist only without monitor aggregation; what comes from the wire often shows the node's identity. */
function recordFrom(agents: Agents, connection: Connection, packet: Packet): void {
  const { source, destination } = packet;
  recordSent(agents, connection, packet);
  if (destination.kind !== "pod" || source.node === destination.node) return;
  const overlay = agents.profile.datapath === "overlay";
  const node = { identity: 6, labels: ["reserved:remote-node"] };
  const asNode = source.kind === "pod" && agents.random.chance(0.5) ? { source: node } : {};
  agents.trace(
    destination.node,
    { ...packet, time: packet.time + 250 },
    overlay ? "FROM_OVERLAY" : "FROM_NETWORK",
    asNode,
  );
}

/** Names the client's agent learned from DNS answers it proxied. */
function namesOf(agents: Agents, connection: Connection): Event["more"] {
  const { client, server } = connection;
  const learned = agents.profile.proxy !== "none" && client.kind === "pod" && client.pod.workload.proxied;
  if (server.kind !== "external" || server.names.length === 0 || !learned) return {};
  return { destination_names: server.names };
}

/** All records of one packet's way. */
export function recordPacket(agents: Agents, connection: Connection, packet: Packet): void {
  if (agents.profile.aggregation === "none") recordFrom(agents, connection, packet);
  const more = packet.reply ? {} : namesOf(agents, connection);
  for (const [index, [node, point]] of pathOf(agents, packet).entries()) {
    const clientSide = node === connection.client.node && node !== connection.server.node;
    const seen = { ...packet, time: packet.time + 40 + index * agents.random.integer(120, 420) };
    if (recordService(agents, connection, { node, point, packet: seen })) continue;
    agents.trace(node, seen, point, clientSide && more !== undefined ? { more } : {});
  }
}

/** The policy a verdict record of a newer agent names. */
function allowedBy(workload: Workload): readonly PolicyJson[] {
  const { name, namespace } = workload;
  return [
    {
      name: `${name}-allow`,
      namespace,
      labels: [`k8s:io.cilium.k8s.policy.name=${name}-allow`, `k8s:io.cilium.k8s.policy.namespace=${namespace}`],
      revision: "6",
      kind: "NetworkPolicy",
    },
  ];
}

/** Verdicts on a connection's first packet, where policies are. */
export function recordVerdicts(agents: Agents, connection: Connection, first: Packet): void {
  if (agents.profile.policies === "absent") return;
  const named = atLeast(agents.profile, 16);
  for (const [end, side] of [
    [connection.client, "egress"],
    [connection.server, "ingress"],
  ] as const) {
    if (end.kind !== "pod") continue;
    const audited = connection.denied === side;
    if (!end.pod.workload.isolated[side] && !audited) continue;
    const by = named && !audited ? { [`${side}_allowed_by`]: allowedBy(end.pod.workload) } : {};
    agents.record(
      end.node,
      { ...first, time: first.time + (side === "egress" ? 20 : 190) },
      {
        type: 5,
        verdict: audited ? "AUDIT" : "FORWARDED",
        isReply: false,
        direction: side === "egress" ? "EGRESS" : "INGRESS",
        more: { policy_match_type: audited ? undefined : 2, ...by },
      },
    );
  }
}

/** The flags seen in one direction: with aggregation a record for each new flag, without for each packet. */
function conversation(agents: Agents): { readonly reply: boolean; readonly flags: TcpFlags }[] {
  const { random, profile } = agents;
  if (profile.aggregation === "none") {
    const forth = [SYN, ACK, PSH_ACK, ACK, FIN_ACK].map((flags) => ({ reply: false, flags }));
    const back = [SYN_ACK, ACK, PSH_ACK, FIN_ACK].map((flags) => ({ reply: true, flags }));
    return forth.flatMap((one, index) => [one, ...(back[index] === undefined ? [] : [back[index]])]);
  }
  const packets = [
    { reply: false, flags: SYN },
    { reply: true, flags: SYN_ACK },
  ];
  if (random.chance(0.15)) packets.push({ reply: false, flags: ACK });
  if (random.chance(0.2)) packets.push({ reply: false, flags: PSH_ACK }, { reply: true, flags: PSH_ACK });
  if (random.chance(0.15)) packets.push({ reply: false, flags: FIN_ACK }, { reply: true, flags: FIN_ACK });
  return packets;
}

/** An old connection: packets now and then, none of them its first. */
function recordOngoing(agents: Agents, connection: Connection): void {
  const replyOnly = connection.life === "reply-only";
  const datagram = connection.protocol !== "TCP";
  if (!replyOnly) {
    const packet = packetOf(connection, { after: 0, reply: false, flags: agents.random.chance(0.5) ? ACK : PSH_ACK });
    for (const [node, point] of pathOf(agents, packet)) {
      agents.trace(node, packet, point, datagram && point !== "TO_OVERLAY" ? { reason: "ESTABLISHED" } : {});
    }
  }
  recordPacket(agents, connection, packetOf(connection, { after: 700, reply: true, flags: ACK }));
}

/** Every record that the agents of both nodes write about one connection. */
export function recordConnection(agents: Agents, connection: Connection): void {
  const refused = connection.denied !== undefined && agents.profile.policies === "enforced";
  if (refused) return recordDenied(agents, connection);
  const legs = throughNode(agents, connection);
  if (legs !== undefined) return legs.forEach((leg) => recordConnection(agents, leg));
  if (connection.life !== "short") return recordOngoing(agents, connection);
  const via = proxied(connection, agents.profile);
  if (via !== undefined) return recordProxied(agents, connection, via);
  if (agents.profile.sockets) recordSocket(agents, connection);
  const packets =
    connection.protocol === "UDP"
      ? [
          { reply: false, flags: undefined },
          { reply: true, flags: undefined },
        ]
      : conversation(agents);
  recordVerdicts(agents, connection, packetOf(connection, { after: 0, reply: false, flags: packets[0]?.flags }));
  for (const [index, packet] of packets.entries()) {
    const after = index * agents.random.integer(600, 1500);
    recordPacket(agents, connection, packetOf(connection, { after, ...packet }));
  }
}

/** The socket load balancer's four records: before and after translation, there and back. No source port. */
function recordSocket(agents: Agents, connection: Connection): void {
  const { client, server } = connection;
  if (client.kind !== "pod" || server.kind !== "pod") return;
  const dialled = dialledBy(agents, connection);
  if (dialled === undefined) return;
  const vip: End = { kind: "external", ip: dialled.service.clusterIp, names: [], node: undefined };
  const cookie = String(agents.random.integer(1000, 99_999));
  const points = ["PRE_DIRECTION_FWD", "POST_DIRECTION_FWD", "PRE_DIRECTION_REV", "POST_DIRECTION_REV"] as const;
  for (const [index, point] of points.entries()) {
    const peer: End = point === "PRE_DIRECTION_FWD" || point === "POST_DIRECTION_REV" ? vip : server;
    const packet: Packet = {
      time: connection.time - 90 + index * 10,
      source: client,
      destination: peer,
      protocol: connection.protocol,
      sourcePort: 0,
      destinationPort: peer === vip ? dialled.port : connection.port,
      flags: undefined,
      reply: false,
    };
    agents.record(client.node, packet, {
      type: 7,
      subType: index + 1,
      verdict: point.startsWith("PRE") ? "TRACED" : "TRANSLATED",
      isReply: undefined,
      more: {
        sock_xlate_point: `SOCK_XLATE_POINT_${point}`,
        socket_cookie: cookie,
        cgroup_id: "8412",
        Summary: connection.protocol,
      },
    });
  }
}
