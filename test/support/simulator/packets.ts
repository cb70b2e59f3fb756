import type { Agents, Packet, Point } from "./agents.ts";
import type { Connection, End } from "./plan.ts";
import type { Profile } from "./profile.ts";
import type { TcpFlags } from "./record.ts";
import type { ClusterNode } from "./world.ts";

/** A packet of a connection, client to server or back. */
export function packetOf(
  connection: Connection,
  what: { readonly after: number; readonly reply: boolean; readonly flags: TcpFlags | undefined },
): Packet {
  const { client, server, clientPort, port, protocol } = connection;
  const flags = protocol === "TCP" ? what.flags : undefined;
  const base = { time: connection.time + what.after, protocol, flags, reply: what.reply };
  return what.reply
    ? { ...base, source: server, destination: client, sourcePort: port, destinationPort: clientPort }
    : { ...base, source: client, destination: server, sourcePort: clientPort, destinationPort: port };
}

/** A pod's or Cilium's own address, which the tunnel carries; a node's InternalIP it does not. */
function tunnelled(end: End): boolean {
  return end.kind === "pod" || (end.kind === "entity" && end.ip !== end.node.ip);
}

/** Where a pod's packet leaves its node. */
function leavingPod(source: ClusterNode, destination: End, datapath: "overlay" | "native"): [ClusterNode, Point][] {
  if (source === destination.node) return destination.kind === "pod" ? [] : [[source, "TO_STACK"]];
  if (datapath === "overlay") return [[source, tunnelled(destination) ? "TO_OVERLAY" : "TO_STACK"]];
  return [
    [source, "TO_STACK"],
    [source, "TO_NETWORK"],
  ];
}

/** Where a packet leaves the node of its source; nothing when it stays there, or when nobody looks. */
function leaving({ datapath }: Profile, source: End, destination: End): [ClusterNode, Point][] {
  if (source.kind === "pod") return leavingPod(source.node, destination, datapath);
  if (source.kind === "external" || datapath === "native" || source.node === destination.node) return [];
  return tunnelled(source) && tunnelled(destination) ? [[source.node, "TO_OVERLAY"]] : [];
}

/** Where a packet is seen with monitor aggregation: when it leaves the node of its source, and when it arrives. */
export function pathOf(agents: Agents, packet: Packet): [ClusterNode, Point][] {
  const { source, destination } = packet;
  const steps = leaving(agents.profile, source, destination);
  if (destination.kind === "pod") steps.push([destination.node, "TO_ENDPOINT"]);
  return steps;
}
