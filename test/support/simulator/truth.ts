import type { Connection, End } from "./plan.ts";
import type { Profile } from "./profile.ts";
import { proxied } from "./proxying.ts";
import { passingNode } from "./service-translation.ts";
import { type ClusterNode, type Peer, type SimProtocol, simPeerName, type World } from "./world.ts";

/** One edge that the window really has, with how many connections made it. */
export interface TruthEdge {
  readonly client: Peer;
  readonly server: Peer;
  readonly protocol: SimProtocol;
  /** The pod's port. */
  readonly port: number;
  /** Distinct 5-tuples. */
  readonly connections: number;
  /** Some connection began in the window, so its first packet may have been recorded. */
  readonly begun: boolean;
  /** Some end is a pod's and its node reports (`silentNodes` do not). Nobody reports what nodes say to each other. */
  readonly heard: boolean;
}

export interface TruthContact extends TruthEdge {
  /** What makes it no application edge, or one that no pod selector can name. */
  readonly why:
    | "probe"
    | "host-network"
    | "kube-apiserver"
    | "ingress"
    | "other-cluster"
    | "proxied"
    | "node-local-dns"
    | "node-port";
}

/** The right answer for a window: what took place, whatever the records say. Every list is sorted and free of doubles. */
export interface Truth {
  /** Connections between workloads and with addresses outside. */
  readonly edges: readonly TruthEdge[];
  /** Refused by a policy. */
  readonly denied: readonly TruthEdge[];
  /** Would be refused, but the policy only audits; also in `edges`, since they took place. */
  readonly audited: readonly TruthEdge[];
  /** Connections with an end that Cilium calls by a reserved identity. */
  readonly entities: readonly TruthContact[];
}

function peerOf(end: End): Peer {
  switch (end.kind) {
    case "pod":
      return { kind: "workload", namespace: end.pod.workload.namespace, name: end.pod.workload.name };
    case "external":
      return { kind: "external", address: end.ip };
    case "entity":
      return { kind: "entity", entity: end.entity, address: end.ip };
  }
}

/** `shop/cart -> shop/redis TCP 6379`. */
export function edgeName(edge: Pick<TruthEdge, "client" | "server" | "protocol" | "port">): string {
  return `${simPeerName(edge.client)} -> ${simPeerName(edge.server)} ${edge.protocol} ${edge.port}`;
}

function whyOf(connection: Connection, dnsPort: number): TruthContact["why"] {
  const entity = connection.client.kind === "entity" ? connection.client.entity : undefined;
  const server = connection.server.kind === "entity" ? connection.server.entity : undefined;
  if (connection.probe) return "probe";
  if (entity === "other-cluster" || server === "other-cluster") return "other-cluster";
  if (server === "host" || server === "remote-node") return "host-network";
  if (entity === undefined || entity === "kube-apiserver") return "kube-apiserver";
  if (entity === "ingress") return "ingress";
  return connection.port === dnsPort ? "node-local-dns" : "host-network";
}

/** Who the server sees when a node passes on what it got on a NodePort. */
function nodePortOf({ server, via }: Connection, profile: Profile): Peer | undefined {
  if (via === undefined || profile.services !== "kube-proxy") return undefined;
  const { entity, ip } = passingNode(via.node, server, profile);
  return { kind: "entity", entity, address: ip };
}

/** Who asks the DNS server in the client's stead when the client's agent proxies DNS. */
function proxyOf(connection: Connection, profile: Profile): Peer | undefined {
  const { client, server } = connection;
  if (client.kind !== "pod" || proxied(connection, profile) !== "dns") return undefined;
  const address = profile.datapath === "overlay" ? client.node.ciliumIp : client.node.ip;
  return { kind: "entity", entity: client.node === server.node ? "host" : "remote-node", address };
}

function together(a: TruthEdge, b: TruthEdge): Pick<TruthEdge, "begun" | "connections" | "heard"> {
  return { connections: a.connections + b.connections, begun: a.begun || b.begun, heard: a.heard || b.heard };
}

/** Counts 5-tuples by edge. */
class Tally<Edge extends TruthEdge> {
  readonly #edges = new Map<string, Edge>();
  readonly #tuples = new Set<string>();

  add(edge: Edge, tuple: string): void {
    const name = edgeName(edge);
    if (this.#tuples.has(`${name} ${tuple}`)) return;
    this.#tuples.add(`${name} ${tuple}`);
    const known = this.#edges.get(name);
    this.#edges.set(name, known === undefined ? edge : { ...known, ...together(known, edge) });
  }

  sorted(): Edge[] {
    return [...this.#edges].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, edge]) => edge);
  }
}

function isHeard({ client, server }: Connection, reporting: ReadonlySet<ClusterNode>): boolean {
  if (client.kind !== "pod" && server.kind !== "pod") return false;
  return [client.node, server.node].some((node) => node !== undefined && reporting.has(node));
}

/** The truth of a plan. */
export function truthOf(connections: readonly Connection[], profile: Profile, world: World): Truth {
  const reporting = new Set(world.nodes.slice(0, world.nodes.length - profile.silentNodes));
  const edges = new Tally<TruthEdge>();
  const denied = new Tally<TruthEdge>();
  const audited = new Tally<TruthEdge>();
  const entities = new Tally<TruthContact>();
  for (const connection of connections) {
    const { client, server, protocol, port } = connection;
    const begun = connection.life === "short";
    const heard = isHeard(connection, reporting);
    const edge = { client: peerOf(client), server: peerOf(server), protocol, port, connections: 1, begun, heard };
    const tuple = `${client.ip}:${connection.clientPort} ${server.ip}`;
    if (connection.denied !== undefined && profile.policies === "enforced") {
      denied.add(edge, tuple);
      continue;
    }
    if (connection.denied !== undefined && profile.policies === "audit") audited.add(edge, tuple);
    if (client.kind === "entity" || server.kind === "entity") {
      entities.add({ ...edge, why: whyOf(connection, world.dns.port) }, tuple);
      continue;
    }
    edges.add(edge, tuple);
    const passing = nodePortOf(connection, profile);
    if (passing !== undefined) entities.add({ ...edge, client: passing, why: "node-port" }, tuple);
    const proxy = proxyOf(connection, profile);
    if (proxy !== undefined) entities.add({ ...edge, client: proxy, why: "proxied" }, tuple);
  }
  return { edges: edges.sorted(), denied: denied.sorted(), audited: audited.sorted(), entities: entities.sorted() };
}
