import type { Agents, Packet, Point } from "./agents.ts";
import type { Connection, End } from "./plan.ts";
import { atLeast, type Profile } from "./profile.ts";
import type { FlowJson } from "./record.ts";
import { type Dialled, KUBERNETES, serviceOf, serviceOfAddress } from "./services.ts";
import type { ClusterNode } from "./world.ts";

/** Where and when a packet was seen. */
export interface Sighting {
  readonly node: ClusterNode;
  readonly point: Point;
  readonly packet: Packet;
}

/** The Service that a pod dialled to open a connection; undefined when it used the other end's own address. */
export function dialledBy({ world, profile }: Agents, connection: Connection): Dialled | undefined {
  const { client, server, port, protocol } = connection;
  if (client.kind !== "pod") return undefined;
  switch (server.kind) {
    case "pod":
      return serviceOf(world, server.pod.workload, { port, protocol });
    case "external":
      return serviceOfAddress(world, server.ip, { port, protocol });
    case "entity":
      return server.entity === "kube-apiserver" && profile.kubernetesService ? KUBERNETES : undefined;
  }
}

function virtual({ service }: Dialled): End {
  return { kind: "external", ip: service.clusterIp, names: [], node: undefined };
}

/** How an agent names the Service of an address, from its own list of them. */
function nameOf({ profile }: Agents, { service: { name, namespace } }: Dialled): FlowJson["destination_service"] {
  return profile.serviceNames ? { name, namespace } : undefined;
}

/** What a pod sends, before anything rewrites it: with kube-proxy that goes to the Service's address. */
export function recordSent(agents: Agents, connection: Connection, packet: Packet): void {
  const { source } = packet;
  if (source.kind !== "pod") return;
  const rewritten = agents.profile.services === "kube-proxy" && !packet.reply;
  const dialled = rewritten ? dialledBy(agents, connection) : undefined;
  if (dialled === undefined) return agents.trace(source.node, packet, "FROM_ENDPOINT");
  const sent = { ...packet, destination: virtual(dialled), destinationPort: dialled.port };
  agents.trace(source.node, sent, "FROM_ENDPOINT", { more: { destination_service: nameOf(agents, dialled) } });
}

/**
 * With kube-proxy the client's node sees the Service's address: on the way out before iptables rewrites it, on the
 * way back after. Returns true when that replaced the ordinary record.
 */
export function recordService(agents: Agents, connection: Connection, sighting: Sighting): boolean {
  const { client, server } = connection;
  const { node, packet, point } = sighting;
  if (agents.profile.services !== "kube-proxy" || client.kind !== "pod" || node !== client.node) return false;
  const dialled = dialledBy(agents, connection);
  if (dialled === undefined) return false;
  const { clusterIp } = dialled.service;
  const named = nameOf(agents, dialled);
  if (packet.reply) {
    if (point !== "TO_ENDPOINT") return false;
    if (atLeast(agents.profile, 16)) {
      const ipVersion = client.ip.includes(":") ? "IPv6" : "IPv4";
      const ip = { source: server.ip, source_xlated: clusterIp, destination: client.ip, ipVersion };
      agents.trace(node, packet, "TO_ENDPOINT", { more: { IP: ip, source_service: named } });
      return true;
    }
    const back = { ...packet, source: virtual(dialled), sourcePort: dialled.port };
    agents.trace(node, back, "TO_ENDPOINT", { more: { source_service: named } });
    return true;
  }
  if (point === "TO_NETWORK") return false;
  const out = { ...packet, time: packet.time - 20, destination: virtual(dialled), destinationPort: dialled.port };
  agents.trace(node, out, "TO_STACK", { more: { destination_service: named } });
  return point === "TO_STACK";
}

/** A node that passes on what it got on a NodePort: the server sees the node's address, not the client's. */
export function passingNode(node: ClusterNode, server: End, { datapath }: Profile): End & { readonly kind: "entity" } {
  const entity = node === server.node ? "host" : "remote-node";
  return { kind: "entity", entity, ip: datapath === "overlay" ? node.ciliumIp : node.ip, node };
}

/** With kube-proxy a connection through a NodePort is two: from the client to the node, and from the node to the server. */
export function throughNode(agents: Agents, connection: Connection): readonly Connection[] | undefined {
  const { client, server, time, via } = connection;
  if (via === undefined || agents.profile.services !== "kube-proxy") return undefined;
  const { node, nodePort } = via;
  const dialled: End = { kind: "entity", entity: node === client.node ? "host" : "remote-node", ip: node.ip, node };
  const clientPort = agents.random.integer(32768, 60999);
  return [
    { ...connection, server: dialled, port: nodePort, via: undefined },
    { ...connection, client: passingNode(node, server, agents.profile), clientPort, time: time + 300, via: undefined },
  ];
}
