import { NetlearnError } from "../lib/errors.ts";
import { by, byText } from "../lib/sort.ts";
import type { Protocol } from "../model/flow.ts";
import type {
  CommunicationGraph,
  DeniedEdge,
  Edge,
  Quarantine,
  QuarantineReason,
  SourceFacts,
} from "../model/graph.ts";
import { type Peer, peerName } from "../model/peer.ts";
import { BottomK, hasItemBeyond } from "./bottom-k.ts";
import { AttemptLog, EvidenceLog } from "./evidence-log.ts";
import { Identifier, type Role } from "./identify.ts";
import type { Observations } from "./observations.ts";
import type { Pending, PendingEnd } from "./pending.ts";
import { indexWorkloads } from "./workloads.ts";

/** An edge between identified ends, in the making. */
interface Draft {
  readonly client: Peer;
  readonly server: Peer;
  readonly protocol: Protocol;
  readonly port: number | undefined;
  readonly log: EvidenceLog;
}

interface DeniedDraft {
  readonly edge: Omit<DeniedEdge, "connections" | "firstSeen" | "lastSeen" | "samples">;
  readonly log: AttemptLog;
}

/** What could not become an edge, by reason. */
type Refuse = (
  reason: QuarantineReason,
  log: Pick<AttemptLog, "connections" | "samples" | "firstSeen" | "lastSeen">,
) => void;

/** A resolved graph with the counts that only the end of reading knows. */
export interface Resolution {
  readonly graph: CommunicationGraph;
  /** Records of connections whose client stayed unknown. */
  readonly undirectedRecords: number;
}

/**
 * Decides who is who and which connections count, after everything was read: the same observations give the same
 * graph, in whatever order and however often they came.
 *
 * @param clusterName the cluster whose pods are meant, needed when sources report from several
 * @throws NetlearnError `NETLEARN_USAGE` when records of several clusters are mixed and none was named
 */
export function resolve(observations: Observations, clusterName?: string): Resolution {
  const index = indexWorkloads(observations.sightings, clusterName ?? homeCluster(observations));
  const identifier = new Identifier(observations, index);
  const quarantine = new Map<QuarantineReason, AttemptLog>();
  const refuse: Refuse = (reason, log) => {
    const held = quarantine.get(reason) ?? new AttemptLog();
    held.merge(log);
    quarantine.set(reason, held);
  };
  for (const [reason, log] of observations.quarantine) refuse(reason, log);
  const drafts = draftEdges(observations, identifier, refuse);
  const undirectedRecords = placePending(observations, identifier, drafts, refuse);
  const denials = draftDenials(observations, identifier, refuse);
  refuseLostIdentities(drafts, refuse);
  const edges = settle(drafts, denials, refuse);
  const graph: CommunicationGraph = {
    window: windowOf(observations),
    workloads: index.workloads,
    edges: edges.map(edgeOf).toSorted(by(edgeKey)),
    denied: denials.map(deniedOf).toSorted(by(deniedKey)),
    quarantine: [...quarantine].map(quarantineOf).toSorted(by(({ reason }) => reason)),
    names: externalNames(observations, edges),
    facts: factsOf(observations),
  };
  return { graph, undirectedRecords };
}

/** A text that is equal exactly for edges with equal ends, protocol and port. */
export function edgeKey(edge: Pick<Edge, "client" | "server" | "protocol" | "port">): string {
  return `${edge.client.kind} ${peerName(edge.client)} > ${edge.server.kind} ${peerName(edge.server)} ${edge.protocol} ${String(edge.port ?? 0).padStart(5, "0")}`;
}

function deniedKey(denied: DeniedEdge): string {
  return `${edgeKey(denied)} ${denied.reason} ${denied.byPolicy}`;
}

function homeCluster(observations: Observations): string | undefined {
  const local = observations.sets.get("home-cluster") ?? new Set();
  const named = local.size > 0 ? local : (observations.sets.get("cluster") ?? new Set());
  if (named.size > 1) {
    throw new NetlearnError(
      "NETLEARN_USAGE",
      `the input mixes records of ${named.size} clusters: ${[...named].toSorted(byText).join(", ")}`,
      {
        hint: "name the one to learn with --cluster-name",
      },
    );
  }
  return [...named][0];
}

function draftEdges(observations: Observations, identifier: Identifier, refuse: Refuse): Map<string, Draft> {
  const drafts = new Map<string, Draft>();
  for (const { client, server, protocol, port, log } of observations.edges()) {
    const from = identifier.identify(client, "client", log);
    const to = identifier.identify(server, "server", log);
    if ("quarantine" in from) refuse(from.quarantine, log);
    else if ("quarantine" in to) refuse(to.quarantine, log);
    else if (isPodless(from.peer, to.peer)) refuse("no-identity", log);
    else addDraft(drafts, { client: from.peer, server: to.peer, protocol, port }, log, false);
  }
  for (const [key, draft] of drafts) if (!draft.log.established) drafts.delete(key);
  return drafts;
}

function addDraft(drafts: Map<string, Draft>, ends: Omit<Draft, "log">, log: EvidenceLog, turned: boolean): void {
  const key = edgeKey(ends);
  let draft = drafts.get(key);
  if (draft === undefined) drafts.set(key, (draft = { ...ends, log: new EvidenceLog() }));
  draft.log.merge(log, turned);
}

/** No policy speaks of traffic that neither starts nor ends at a pod. */
function isPodless(client: Peer, server: Peer): boolean {
  return client.kind !== "workload" && server.kind !== "workload";
}

/** Gives undecided connections a client where exactly one end is a known server; returns the records left undecided. */
function placePending(
  observations: Observations,
  identifier: Identifier,
  drafts: Map<string, Draft>,
  refuse: Refuse,
): number {
  const listeners = new Listeners(drafts.values());
  const placed: { readonly ends: Omit<Draft, "log">; readonly pending: Pending; readonly turned: boolean }[] = [];
  let undecided = observations.pending.overflow;
  for (const pending of observations.pending.list()) {
    const outcome = pending.onOverlay ? "node-identity-on-overlay" : placeOne(pending, identifier, listeners);
    if (typeof outcome === "string") {
      refuse(outcome, pending.log);
      undecided += pending.records;
    } else placed.push({ ...outcome, pending });
  }
  for (const { ends, pending, turned } of placed) addDraft(drafts, ends, pending.log, turned);
  return undecided;
}

function placeOne(
  pending: Pending,
  identifier: Identifier,
  listeners: Listeners,
): QuarantineReason | { readonly ends: Omit<Draft, "log">; readonly turned: boolean } {
  const { a, b, protocol, log, claimed } = pending;
  const ask = (end: PendingEnd, role: Role) => identifier.identify(end.sighting, role, log);
  const [aServes, bServes] = [ask(a, "server"), ask(b, "server")];
  if ("quarantine" in aServes) return aServes.quarantine;
  if ("quarantine" in bServes) return bServes.quarantine;
  const aPort = listeners.port(aServes.peer, protocol, a);
  const bPort = listeners.port(bServes.peer, protocol, b);
  const turned = aPort !== undefined && bPort === undefined;
  const port = turned ? aPort : (bPort ?? (claimed ? claimedPort(a, b) : undefined));
  if (port === undefined || port === "several" || (aPort !== undefined && bPort !== undefined && !claimed)) {
    return claimed ? "unconfirmed-server-port" : "undirected";
  }
  const client = turned ? ask(b, "client") : ask(a, "client");
  if ("quarantine" in client) return client.quarantine;
  const server = turned ? aServes.peer : bServes.peer;
  if (isPodless(client.peer, server)) return "no-identity";
  return { ends: { client: client.peer, server, protocol, port }, turned };
}

/** A claim without a second witness is believed only where both ports are ephemeral and the server's is always the same. */
function claimedPort(a: PendingEnd, b: PendingEnd): number | undefined {
  return a.port === undefined && b.port === undefined && b.ports.size === 1 ? b.ports.values()[0] : undefined;
}

/** Ports that oriented edges showed to be servers'. */
class Listeners {
  readonly #ports = new Map<string, Set<number>>();

  constructor(drafts: Iterable<Draft>) {
    for (const { server, protocol, port } of drafts) {
      const key = `${peerName(server)} ${protocol}`;
      const ports = this.#ports.get(key) ?? new Set();
      if (port !== undefined) ports.add(port);
      this.#ports.set(key, ports);
    }
  }

  /** The one known server port among an end's; "several" when more than one is, or that can't be told. */
  port(peer: Peer, protocol: Protocol, end: PendingEnd): number | "several" | undefined {
    const known = this.#ports.get(`${peerName(peer)} ${protocol}`);
    if (known === undefined) return undefined;
    if (end.port !== undefined) return known.has(end.port) ? end.port : undefined;
    const hits = [...end.ports.values()].filter((port) => known.has(port));
    if (hits.length === 1 && end.ports.size === 1) return hits[0];
    const mayHide = !end.ports.exact && [...known].some((port) => port >= 32_768);
    return hits.length > 0 || mayHide ? "several" : undefined;
  }
}

function draftDenials(observations: Observations, identifier: Identifier, refuse: Refuse): DeniedDraft[] {
  const drafts = new Map<string, DeniedDraft>();
  for (const { client, server, protocol, port, reason, byPolicy, log } of observations.denials()) {
    const from = identifier.identify(client, "client", log);
    const to = identifier.identify(server, "server", log);
    if ("quarantine" in from) refuse(from.quarantine, log);
    else if ("quarantine" in to) refuse(to.quarantine, log);
    else {
      const edge = { client: from.peer, server: to.peer, protocol, port, reason, byPolicy };
      const key = `${edgeKey(edge)} ${reason} ${byPolicy}`;
      const draft = drafts.get(key) ?? { edge, log: new AttemptLog() };
      draft.log.merge(log);
      drafts.set(key, draft);
    }
  }
  return [...drafts.values()];
}

/**
 * Packets that a node's proxy sends for a pod show the node's identity in some records and the pod's in others. A node
 * whose every connection to a server is also a pod's connection to it is such a proxy, not a client.
 */
function refuseLostIdentities(drafts: Map<string, Draft>, refuse: Refuse): void {
  const ofPods = new Map<string, BottomK>();
  for (const { client, server, protocol, port, log } of drafts.values()) {
    if (client.kind !== "workload") continue;
    const key = `${peerName(server)} ${protocol} ${port ?? ""}`;
    const held = ofPods.get(key) ?? new BottomK(log.connections.limit);
    held.merge(log.connections);
    ofPods.set(key, held);
  }
  for (const [key, { client, server, protocol, port, log }] of drafts) {
    if (client.kind !== "entity" || server.kind !== "workload") continue;
    const known = ofPods.get(`${peerName(server)} ${protocol} ${port ?? ""}`);
    if (known === undefined || hasItemBeyond(log.connections, known)) continue;
    if (log.connections.bound() > known.bound() && log.connections.values().every((hash) => hash > known.bound())) continue;
    drafts.delete(key);
    refuse("node-identity-on-overlay", log);
  }
}

/** Keeps what got through: a connection that left its client and was refused at its server is an attempt, no edge. */
function settle(drafts: ReadonlyMap<string, Draft>, denials: readonly DeniedDraft[], refuse: Refuse): Draft[] {
  const refused = new Map<string, BottomK>();
  for (const { edge, log } of denials) {
    if (!edge.byPolicy) continue;
    const key = edgeKey(edge);
    const held = refused.get(key) ?? new BottomK(log.connections.limit);
    held.merge(log.connections);
    refused.set(key, held);
  }
  const kept: Draft[] = [];
  for (const [key, draft] of drafts) {
    const drops = refused.get(key);
    const { passed, forwarded } = draft.log;
    if (passed || drops === undefined || (forwarded !== undefined && hasItemBeyond(forwarded, drops))) kept.push(draft);
    else refuse("forwarded-then-dropped", draft.log);
  }
  return kept;
}

function edgeOf({ client, server, protocol, port, log }: Draft): Edge {
  return { client, server, protocol, port, evidence: log.summary() };
}

function deniedOf({ edge, log }: DeniedDraft): DeniedEdge {
  const { connections, firstSeen, lastSeen, samples } = log;
  return { ...edge, connections: connections.count(), firstSeen, lastSeen, samples: samples.list() };
}

function quarantineOf([reason, log]: [QuarantineReason, AttemptLog]): Quarantine {
  const samples = log.samples.list().map(({ client, server }) => `${client} <-> ${server}`);
  return { reason, pairs: log.connections.count(), samples };
}

function windowOf(observations: Observations): CommunicationGraph["window"] {
  const { first, last } = observations;
  return first === undefined || last === undefined ? undefined : { first, last };
}

function externalNames(observations: Observations, edges: readonly Draft[]): CommunicationGraph["names"] {
  const addresses = new Set(
    edges
      .flatMap(({ client, server }) => [client, server])
      .map((peer) => (peer.kind === "external" ? peer.address : "")),
  );
  const named = [...observations.names].filter(([address]) => addresses.has(address));
  return Object.fromEntries(
    named.toSorted(by(([address]) => address)).map(([address, names]) => [address, [...names].toSorted(byText)]),
  );
}

function factsOf(observations: Observations): SourceFacts {
  const set = (name: string) => [...(observations.sets.get(name) ?? [])].toSorted(byText);
  const count = (name: string) => observations.counts.get(name) ?? 0;
  return {
    clusters: set("cluster"),
    nodes: set("node"),
    unavailableNodes: set("unavailable-node"),
    lostEvents: count("lost"),
    records: count("records") - count("aside:outside-window"),
    withIsReply: count("withIsReply"),
    withLabels: count("withLabels"),
    withEventType: count("withEventType"),
    withVerdict: count("withVerdict"),
    dropped: count("notForwarded"),
    aggregated: count("aggregated"),
  };
}
