import { NetlearnError } from "../lib/errors.ts";
import { by, byText, sortedBy } from "../lib/sort.ts";
import type { Directory, KnownWorkloads } from "../model/directory.ts";
import type { CommunicationGraph, Edge, Quarantine, QuarantineReason, SourceFacts, Workload } from "../model/graph.ts";
import { addDraft, type EdgeDraft, isPodless, type Refuse } from "./edge-draft.ts";
import { AttemptLog } from "./evidence-log.ts";
import { gapsOf } from "./gaps.ts";
import { Identifier } from "./identify.ts";
import type { Observations } from "./observations.ts";
import { placePending } from "./place-pending.ts";
import { type DeniedDraft, deniedOf, draftDenials, refuseDropped, refuseLostIdentities } from "./refute.ts";
import { serversOf } from "./servers.ts";
import { indexWorkloads, type WorkloadIndex } from "./workloads.ts";

/** A resolved graph with the count that only the end of reading knows. */
export interface Resolution {
  readonly graph: CommunicationGraph;
  /** Records of connections whose client stayed unknown. */
  readonly undecidedRecords: number;
  /** Every workload of the directory by its key, seen or not. */
  readonly known: KnownWorkloads;
}

/** What resolution goes by besides the observations. */
export interface ResolveOptions {
  /** The cluster whose pods are meant, needed when sources report from several. */
  readonly clusterName?: string | undefined;
  /** What exists there; without it, names, labels and addresses that sources showed have to do. */
  readonly directory?: Directory | undefined;
}

/**
 * Decides who is who and which connections count, after everything was read: the same observations give the same
 * graph, in whatever order and however often they came.
 *
 * @throws NetlearnError `NETLEARN_USAGE` when records of several clusters are mixed and none was named
 */
export function resolve(observations: Observations, options: ResolveOptions = {}): Resolution {
  const { clusterName, directory } = options;
  const index = indexWorkloads(observations.sightings, clusterName ?? homeCluster(observations), directory);
  const identifier = new Identifier(observations, index, directory);
  const quarantine = new Map<QuarantineReason, AttemptLog>();
  const refuse: Refuse = (reason, log) => {
    const held = quarantine.get(reason) ?? new AttemptLog();
    held.merge(log);
    quarantine.set(reason, held);
  };
  const drafts = draftEdges(observations, identifier, refuse);
  const undecidedRecords = placePending(observations, identifier, drafts, refuse);
  // What the pending store had no room for is among these only after it was listed.
  for (const [reason, log] of observations.quarantine) refuse(reason, log);
  const { denials, dropped } = draftDenials(observations, identifier, refuse);
  refuseLostIdentities(drafts, refuse);
  refuseDropped(drafts, dropped, refuse);
  const edges = sortedBy(drafts, ([key]) => key).map(([, draft]) => edgeOf(draft));
  const graph: CommunicationGraph = {
    window: windowOf(observations),
    workloads: speakingWorkloads(index, edges, denials),
    edges,
    denied: denials.map(deniedOf),
    quarantine: [...quarantine].map(quarantineOf).toSorted(by(({ reason }) => reason)),
    names: externalNames(observations, edges),
    facts: factsOf(observations),
  };
  return { graph, undecidedRecords, known: index.known };
}

/** The clusters that records are from; where sources do not tell, those that they name. In no order. */
export function homeClusters({ sets }: Observations): readonly string[] {
  const local = sets.get("home-cluster") ?? new Set();
  return [...(local.size > 0 ? local : (sets.get("cluster") ?? []))];
}

function homeCluster(observations: Observations): string | undefined {
  const named = homeClusters(observations);
  if (named.length <= 1) return named[0];
  const names = named.toSorted(byText).join(", ");
  throw new NetlearnError("NETLEARN_USAGE", `the input mixes records of ${named.length} clusters: ${names}`, {
    hint: "name the one to learn with --cluster-name",
  });
}

/** Those that a source spoke of, or that an edge has come to: a cluster's objects know many that were never seen. */
function speakingWorkloads(
  { workloads, members }: WorkloadIndex,
  edges: readonly Edge[],
  denials: readonly DeniedDraft[],
): readonly Workload[] {
  const keys = new Set<string>();
  for (const membership of members.values()) if (membership.kind === "workload") keys.add(membership.key);
  for (const { client, server } of [...edges, ...denials.map(({ ends }) => ends)]) {
    for (const peer of [client, server]) if (peer.kind === "workload") keys.add(peer.workload);
  }
  return workloads.filter(({ key }) => keys.has(key));
}

function draftEdges(observations: Observations, identifier: Identifier, refuse: Refuse): Map<string, EdgeDraft> {
  const drafts = new Map<string, EdgeDraft>();
  for (const { client, server, protocol, port, log } of observations.edges()) {
    const from = identifier.identify(client, "client", log, identifier.nodeOf(server, log));
    const to = serversOf(identifier, { server, protocol, port }, log);
    if ("quarantine" in from) refuse(from.quarantine, log);
    else if ("quarantine" in to) refuse(to.quarantine, log);
    else {
      const { service } = to;
      for (const target of to.targets) {
        if (isPodless(from.peer, target.peer)) refuse("no-identity", log);
        else
          addDraft(drafts, { client: from.peer, server: target.peer, protocol, port: target.port }, { log, service });
      }
    }
  }
  for (const [key, draft] of drafts) if (!draft.log.established) drafts.delete(key);
  return drafts;
}

function edgeOf({ client, server, protocol, port, log, services }: EdgeDraft): Edge {
  const edge = { client, server, protocol, port, evidence: log.summary() };
  return services.size === 0 ? edge : { ...edge, services: [...services].toSorted(byText) };
}

function quarantineOf([reason, log]: [QuarantineReason, AttemptLog]): Quarantine {
  const samples = log.samples.list().map(({ client, server }) => `${client} <-> ${server}`);
  return { reason, pairs: log.connections.count(), samples };
}

function windowOf({ first, last }: Observations): CommunicationGraph["window"] {
  return first === undefined || last === undefined ? undefined : { first, last };
}

function externalNames(observations: Observations, edges: readonly Edge[]): CommunicationGraph["names"] {
  const peers = edges.flatMap(({ client, server }) => [client, server]);
  const addresses = new Set(peers.flatMap((peer) => (peer.kind === "external" ? [peer.address] : [])));
  const named = [...observations.names].filter(([address]) => addresses.has(address));
  const sorted = named.map(([address, names]) => [address, [...names].toSorted(byText)] as const);
  return Object.fromEntries(sorted.toSorted(by(([address]) => address)));
}

function factsOf(observations: Observations): SourceFacts {
  const set = (name: string) => [...(observations.sets.get(name) ?? [])].toSorted(byText);
  const { counts } = observations;
  const count = (name: string) => counts.get(name) ?? 0;
  return {
    clusters: set("cluster"),
    nodes: set("node"),
    unavailableNodes: set("unavailable-node"),
    lostEvents: count("lost"),
    gaps: gapsOf(observations),
    records: count("records") - count("aside:outside-window"),
    withIsReply: count("withIsReply"),
    withLabels: count("withLabels"),
    withEventType: count("withEventType"),
    withVerdict: count("withVerdict"),
    dropped: count("notForwarded"),
    aggregated: count("aggregated"),
  };
}
