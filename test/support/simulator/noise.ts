import type { Agents, Packet } from "./agents.ts";
import type { Window } from "./changes.ts";
import { recordDrop } from "./denied.ts";
import type { Connection } from "./plan.ts";
import { timestamp } from "./record.ts";

const HOUR = 3_600_000_000;

/** Drops that say nothing about what is wanted (pkg/monitor/api/drop.go). */
const INFRA_DROPS = [
  { code: 158, reason: "CT_NO_MAP_FOUND" },
  { code: 155, reason: "CT_MAP_INSERTION_FAILED" },
  { code: 151, reason: "STALE_OR_UNROUTABLE_IP" },
] as const;

function times(agents: Agents, window: Window, count: number): number[] {
  return Array.from({ length: count }, () => agents.random.integer(window.start, window.end));
}

const REMOTE_NODE = { identity: 6, labels: ["reserved:remote-node"] };
const HEALTH = { ID: 132, identity: 4, labels: ["reserved:health"] };

/** One question to a node's health endpoint and its answer, as both nodes see them. */
function recordCheck(agents: Agents, there: Packet, answer: Partial<Packet>): void {
  const from = there.source.node;
  const to = there.destination.node;
  if (from === undefined || to === undefined) return;
  const tunnel = from !== to && agents.profile.datapath === "overlay";
  if (tunnel) agents.trace(from, there, "TO_OVERLAY", { source: REMOTE_NODE });
  const arrived = { ...there, time: there.time + 200 };
  agents.trace(to, arrived, "TO_ENDPOINT", { destination: HEALTH, direction: "INGRESS" });
  const back: Packet = {
    ...there,
    ...answer,
    time: there.time + 260,
    source: there.destination,
    destination: there.source,
    sourcePort: there.destinationPort,
    destinationPort: there.sourcePort,
    reply: true,
  };
  if (tunnel) agents.trace(to, back, "TO_OVERLAY", { source: HEALTH });
  else agents.trace(to, back, "TO_STACK", { source: HEALTH, direction: "INGRESS" });
}

/** Cilium asks each node's health endpoint, by TCP on 4240 and by ICMP. */
function recordHealth(agents: Agents, window: Window): void {
  const { nodes } = agents.world;
  const rounds = Math.round((agents.profile.healthPerHour * (window.end - window.start)) / HOUR);
  for (const time of times(agents, window, rounds)) {
    const from = agents.random.pick(nodes);
    const to = agents.random.pick(nodes);
    const base = {
      source: { kind: "entity", entity: "host", ip: from.ciliumIp, node: from },
      destination: { kind: "entity", entity: "health", ip: to.healthIp, node: to },
      reply: false,
    } as const;
    const sourcePort = agents.random.integer(32768, 60999);
    const tcp: Packet = { ...base, time, protocol: "TCP", sourcePort, destinationPort: 4240, flags: { ACK: true } };
    const ports = { sourcePort: 0, destinationPort: 0 };
    const icmp: Packet = {
      ...base,
      ...ports,
      time: time + 900,
      protocol: "ICMPv4",
      flags: undefined,
      icmp: { type: 8 },
    };
    recordCheck(agents, tcp, {});
    recordCheck(agents, icmp, { icmp: { type: 0 } });
  }
}

/** A drop of a packet in the middle of a connection that is otherwise fine. */
function recordInfraDrops(agents: Agents, connections: readonly Connection[], count: number): void {
  const candidates = connections.filter(
    ({ server, denied, via }) => server.kind === "pod" && denied === undefined && via === undefined,
  );
  if (candidates.length === 0) return;
  for (let index = 0; index < count; index += 1) {
    const { client, server, protocol, port, clientPort, time } = agents.random.pick(candidates);
    const packet: Packet = {
      time: time + 5_000_000,
      source: client,
      destination: server,
      protocol,
      sourcePort: clientPort,
      destinationPort: port,
      flags: protocol === "TCP" ? { ACK: true } : undefined,
      reply: false,
    };
    recordDrop(agents, packet, { side: "ingress", ...agents.random.pick(INFRA_DROPS) });
  }
}

/** A router tells a pod that something could not be reached: the router is nobody's client. */
function recordIcmpErrors(agents: Agents, connections: readonly Connection[], count: number): void {
  const candidates = connections.filter((one) => one.client.kind === "pod");
  if (candidates.length === 0) return;
  for (let index = 0; index < count; index += 1) {
    const { client, time } = agents.random.pick(candidates);
    if (client.kind !== "pod") continue;
    const packet: Packet = {
      time: time + 2_000_000,
      source: { kind: "external", ip: agents.random.pick(["169.254.208.88", "192.0.2.1"]), names: [], node: undefined },
      destination: client,
      protocol: "ICMPv4",
      sourcePort: 0,
      destinationPort: 0,
      flags: undefined,
      icmp: agents.random.chance(0.5) ? { type: 3, code: 1 } : { type: 11 },
      reply: false,
    };
    agents.trace(client.node, packet, "TO_ENDPOINT", { reason: "RELATED" });
  }
}

function recordLostEvents(agents: Agents, window: Window): void {
  for (const time of times(agents, window, agents.profile.lostEvents)) {
    const node = agents.random.pick(agents.world.nodes);
    const body = { source: "HUBBLE_RING_BUFFER", num_events_lost: String(agents.random.integer(1, 40)) };
    agents.drafts.push({ time, kind: "lost_events", node: agents.nodeName(node), body });
  }
}

function recordNodeStatus(agents: Agents, window: Window): void {
  const names = agents.world.nodes.map((node) => agents.nodeName(node));
  const heard = names.slice(0, names.length - agents.profile.silentNodes);
  const silent = names.slice(heard.length);
  const [node = ""] = names;
  const add = (body: object): number => agents.drafts.push({ time: window.start, kind: "node_status", node, body });
  add({ state_change: "NODE_CONNECTED", node_names: heard });
  if (silent.length > 0)
    add({ state_change: "NODE_UNAVAILABLE", node_names: silent, message: "context deadline exceeded" });
}

function recordAgentEvents(agents: Agents, window: Window): void {
  for (const time of times(agents, window, agents.profile.agentEvents)) {
    const node = agents.nodeName(agents.random.pick(agents.world.nodes));
    const body = {
      type: "POLICY_UPDATED",
      policy_update: { labels: ["k8s:io.cilium.k8s.policy.name=db-allow"], revision: "6", rule_count: "1" },
    };
    agents.drafts.push({ time, kind: "agent_event", node, body });
  }
}

/** Everything in a flow log that is not an application's connection. */
export function recordNoise(agents: Agents, connections: readonly Connection[], window: Window): void {
  const { profile } = agents;
  if (profile.nodeStatus) recordNodeStatus(agents, window);
  recordHealth(agents, window);
  recordInfraDrops(agents, connections, profile.infraDrops);
  recordIcmpErrors(agents, connections, profile.icmpErrors);
  recordLostEvents(agents, window);
  recordAgentEvents(agents, window);
}

/** When a line without a flow was written. */
export function plainTime(time: number): string {
  return timestamp(time, 0);
}
