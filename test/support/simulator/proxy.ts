import { type Agents, type Packet, POINTS } from "./agents.ts";
import type { EndpointView } from "./endpoint-view.ts";
import { entityView } from "./endpoint-view.ts";
import { packetOf } from "./packets.ts";
import type { Connection, End } from "./plan.ts";
import type { Pod } from "./pods.ts";
import type { Layer7Json } from "./record.ts";
import type { ClusterNode } from "./world.ts";

type PodEnd = End & { readonly kind: "pod" };

/** A question and its answer, for what the client goes on to call. */
function dnsOf(agents: Agents, client: Pod): { query: string; ips: string[] } {
  const { world, random } = agents;
  const { namespace, name } = client.workload;
  const called = world.edges.filter(
    (edge) => edge.client.kind === "workload" && edge.client.namespace === namespace && edge.client.name === name,
  );
  const answers: { query: string; ips: string[] }[] = [];
  for (const { server } of called) {
    if (server.kind === "external") {
      const query = world.externals.find((one) => one.address === server.address)?.names[0];
      const ips = world.externals
        .filter((one) => query !== undefined && one.names.includes(query))
        .map((one) => one.address);
      if (query !== undefined) answers.push({ query: `${query}.`, ips });
    }
    if (server.kind === "workload") {
      const service = world.services.find(
        (one) => one.namespace === server.namespace && one.workload === server.name && one.clusterIp !== "None",
      );
      if (service !== undefined) {
        answers.push({ query: `${service.name}.${service.namespace}.svc.cluster.local.`, ips: [service.clusterIp] });
      }
    }
  }
  return answers.length === 0
    ? { query: "kubernetes.default.svc.cluster.local.", ips: ["10.96.0.1"] }
    : random.pick(answers);
}

interface Conversation {
  readonly request: Layer7Json;
  readonly response: Layer7Json;
  readonly asked: string;
  readonly answered: string;
}

function dnsConversation(agents: Agents, client: Pod): Conversation {
  const { query, ips } = dnsOf(agents, client);
  const ttl = agents.random.integer(5, 30);
  const dns = { observation_source: "proxy", qtypes: ["A"] };
  return {
    request: { type: "REQUEST", dns: { query, ...dns } },
    response: { type: "RESPONSE", dns: { query, ips, ttl, ...dns, rrtypes: ["A"] } },
    asked: `DNS Query ${query} A`,
    answered: `DNS Answer "${ips.join(",")}" TTL: ${ttl} (Proxy ${query} A)`,
  };
}

function httpConversation(agents: Agents, connection: Connection, server: Pod): Conversation {
  const url = `http://${server.workload.name}:${connection.port}${connection.http ?? "/"}`;
  const latency = agents.random.integer(1, 400);
  const id = agents.random.text(12, "0123456789abcdef");
  const headers = [
    { key: "User-Agent", value: "shop/1.4" },
    { key: "X-Request-Id", value: `c0ab9977-77a9-46d2-a60d-${id}` },
  ];
  const http = { method: "GET", url, protocol: "HTTP/1.1", headers };
  return {
    request: { type: "REQUEST", http },
    response: { type: "RESPONSE", latency_ns: `${latency}085118`, http: { code: 200, ...http } },
    asked: `HTTP/1.1 GET ${url}`,
    answered: `HTTP/1.1 200 ${latency}ms (GET ${url})`,
  };
}

/**
 * The connection that the proxy opens in the client's stead: from the node's own address. DNS loses the pod's identity
 * on the way, HTTP keeps the labels without the name; neither has is_reply where it enters the tunnel.
 */
function recordUpstream(
  agents: Agents,
  connection: Connection,
  ends: { client: PodEnd; server: PodEnd; dns: boolean },
): void {
  const { client, server, dns } = ends;
  const node = client.node;
  const ip = agents.profile.datapath === "overlay" ? node.ciliumIp : node.ip;
  const self: End = { kind: "entity", entity: "remote-node", ip, node };
  const view = (observer: ClusterNode): EndpointView =>
    dns ? entityView("remote-node", node, observer) : agents.views.labelsOnly(client.pod);
  const flags = connection.protocol === "TCP" ? { SYN: true as const } : undefined;
  const port = agents.random.integer(32768, 60999);
  const there: Packet = {
    ...packetOf(connection, { after: 400, reply: false, flags }),
    source: self,
    sourcePort: port,
  };
  const answer = connection.protocol === "TCP" ? { SYN: true as const, ACK: true as const } : undefined;
  const back: Packet = {
    ...packetOf(connection, { after: 900, reply: true, flags: answer }),
    destination: self,
    destinationPort: port,
  };
  const silent = { isReply: undefined, direction: undefined, reason: undefined };
  const crossing = node !== server.node;
  const tunnel = crossing && agents.profile.datapath === "overlay";
  if (tunnel) {
    const own = dns ? { identity: 6, labels: ["reserved:remote-node"] } : view(node);
    agents.trace(node, there, "TO_OVERLAY", { ...silent, source: own });
  }
  agents.trace(server.node, { ...there, time: there.time + 210 }, "TO_ENDPOINT", { source: view(server.node) });
  agents.trace(server.node, back, tunnel ? "TO_OVERLAY" : "TO_STACK", {
    ...(tunnel ? silent : {}),
    subType: tunnel ? POINTS.TO_OVERLAY : POINTS.TO_STACK,
    destination: entityView("remote-node", node, server.node),
  });
}

/** A connection through the client's proxy: verdict, redirect, request, the proxy's own connection, response. */
export function recordProxied(agents: Agents, connection: Connection, via: "dns" | "http"): void {
  const { client, server } = connection;
  if (client.kind !== "pod" || server.kind !== "pod") return;
  const { node, pod } = client;
  const flags = { SYN: true as const };
  const talk = via === "dns" ? dnsConversation(agents, pod) : httpConversation(agents, connection, server.pod);
  const first = packetOf(connection, { after: 0, reply: false, flags });
  const serverView =
    agents.random.chance(agents.profile.mislabelled) && via === "http"
      ? agents.views.mislabelled(server.pod)
      : agents.views.of(server, node);
  agents.record(node, first, {
    type: 5,
    verdict: "REDIRECTED",
    isReply: false,
    direction: "EGRESS",
    more: { policy_match_type: 2 },
  });
  agents.trace(node, { ...first, time: first.time + 25 }, "TO_PROXY");
  const l7 = (packet: Packet, body: Layer7Json, summary: string): void =>
    agents.record(
      node,
      { ...packet, flags: undefined },
      {
        type: 129,
        isReply: packet.reply,
        direction: "EGRESS",
        source: packet.reply ? serverView : agents.views.local(pod),
        destination: packet.reply ? agents.views.local(pod) : serverView,
        more: { l7: body, Summary: summary },
      },
    );
  l7(packetOf(connection, { after: 220, reply: false, flags: undefined }), talk.request, talk.asked);
  recordUpstream(agents, connection, { client, server, dns: via === "dns" });
  l7(packetOf(connection, { after: 1400, reply: true, flags: undefined }), talk.response, talk.answered);
  const back = packetOf(connection, { after: 1500, reply: true, flags: { SYN: true, ACK: true } });
  agents.trace(node, back, "TO_ENDPOINT");
}
