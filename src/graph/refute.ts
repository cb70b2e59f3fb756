import { by } from "../lib/sort.ts";
import type { DeniedEdge } from "../model/graph.ts";
import { peerName } from "../model/peer.ts";
import { BottomK, hasItemBeyond } from "./bottom-k.ts";
import { type EdgeDraft, edgeKey, type Refuse } from "./edge-draft.ts";
import { AttemptLog } from "./evidence-log.ts";
import type { Identified, Identifier } from "./identify.ts";
import type { Observations, ObservedDenial } from "./observations.ts";
import { type Served, serversOf } from "./servers.ts";

/** Refused attempts between identified ends, in the making. */
export interface DeniedDraft {
  readonly ends: Pick<DeniedEdge, "client" | "server" | "protocol" | "port" | "reason" | "byPolicy">;
  readonly log: AttemptLog;
}

/** Connections that a policy refused, by what is known of their ends. */
interface Dropped {
  readonly byEdge: Map<string, BottomK>;
  /** By one end, the other one excepted: the two nodes need not agree on who that is. */
  readonly byEnd: Map<string, BottomK>;
}

/** What the datapath refused, by ends and reason, and which connections those were. */
export function draftDenials(
  observations: Observations,
  identifier: Identifier,
  refuse: Refuse,
): { readonly denials: readonly DeniedDraft[]; readonly dropped: Dropped } {
  const drafts = new Map<string, DeniedDraft>();
  const dropped: Dropped = { byEdge: new Map(), byEnd: new Map() };
  for (const denial of observations.denials()) {
    const { client, server, protocol, port, reason, byPolicy, log } = denial;
    const from = identifier.identify(client, "client", log, identifier.nodeOf(server, log));
    const to = serversOf(identifier, { server, protocol, port }, log);
    if (mayBeRefusal(denial)) noteDropped(dropped, denial, from, to);
    if ("quarantine" in from) refuse(from.quarantine, log);
    else if ("quarantine" in to) refuse(to.quarantine, log);
    else {
      for (const target of to.targets) {
        const ends = { client: from.peer, server: target.peer, protocol, port: target.port, reason, byPolicy };
        const draft = drafts.get(denialKey(ends)) ?? { ends, log: new AttemptLog() };
        draft.log.merge(log);
        drafts.set(denialKey(ends), draft);
      }
    }
  }
  return { denials: [...drafts.values()].toSorted(by(({ ends }) => denialKey(ends))), dropped };
}

/** A field mask may have taken the reason away: then the drop may be a policy's. */
function mayBeRefusal({ byPolicy, reason }: Pick<DeniedEdge, "byPolicy" | "reason">): boolean {
  return byPolicy || reason === "UNKNOWN";
}

function noteDropped(
  dropped: Dropped,
  { protocol, port: called, log }: ObservedDenial,
  from: Identified,
  to: Served,
): void {
  const targets = "targets" in to ? to.targets : [];
  const ports = new Set(targets.length === 0 ? [called] : targets.map(({ port }) => port));
  if ("peer" in from) {
    for (const port of ports)
      mergeInto(dropped.byEnd, clientKey({ client: from.peer, protocol, port }), log.connections);
  }
  for (const { peer: server, port } of targets) {
    mergeInto(dropped.byEnd, serverKey({ server, protocol, port }), log.connections);
    if ("peer" in from)
      mergeInto(dropped.byEdge, edgeKey({ client: from.peer, server, protocol, port }), log.connections);
  }
}

/** The denial as reports show it. */
export function deniedOf({ ends, log }: DeniedDraft): DeniedEdge {
  const { connections, firstSeen, lastSeen, samples } = log;
  return { ...ends, connections: connections.count(), firstSeen, lastSeen, samples: samples.list() };
}

/**
 * Takes out edges that left their client and were refused at their server. The client's node calls such a packet
 * forwarded, so an edge without proof of passage needs one connection that no policy dropped (facts/flows.md, section 5).
 * Drops are matched by 5-tuple at any time: an unlucky reuse of a port makes an edge doubtful, never an attempt an edge.
 * What was sent to a Service's address has another 5-tuple where it arrives: any drop makes such an edge doubtful.
 */
export function refuseDropped(drafts: Map<string, EdgeDraft>, dropped: Dropped, refuse: Refuse): void {
  for (const [key, draft] of drafts) {
    const { forwarded, passed } = draft.log;
    if (passed || !(draft.isDirect ? isDropped(key, draft, forwarded, dropped) : dropped.byEdge.has(key))) continue;
    drafts.delete(key);
    refuse("forwarded-then-dropped", draft.log);
  }
}

function isDropped(key: string, draft: EdgeDraft, forwarded: BottomK | undefined, { byEdge, byEnd }: Dropped): boolean {
  if (forwarded === undefined) return false;
  const ofEdge = byEdge.get(key);
  if (ofEdge !== undefined && !hasItemBeyond(forwarded, ofEdge)) return true;
  const ofEnds = [byEnd.get(clientKey(draft)), byEnd.get(serverKey(draft))];
  return ofEnds.some((drops) => drops !== undefined && isWithin(forwarded, drops));
}

/**
 * Takes out edges of a node that only relays. Packets that a node sends for a pod, or that go to a pod on another node,
 * show the node's identity in some records and the pod's in others: a node whose every connection with the other end
 * is also a pod's has no part in it.
 */
export function refuseLostIdentities(drafts: Map<string, EdgeDraft>, refuse: Refuse): void {
  const ofPods = new Map<string, BottomK>();
  for (const draft of drafts.values()) {
    const { client, server, log } = draft;
    if (client.kind === "workload") mergeInto(ofPods, serverKey(draft), log.connections);
    if (server.kind === "workload") mergeInto(ofPods, clientKey(draft), log.connections);
  }
  for (const [key, draft] of drafts) {
    const other = keyOfWorkloadBesideEntity(draft);
    const known = other === undefined ? undefined : ofPods.get(other);
    if (known === undefined || !isWithin(draft.log.connections, known)) continue;
    drafts.delete(key);
    refuse("node-identity-on-overlay", draft.log);
  }
}

function keyOfWorkloadBesideEntity(draft: EdgeDraft): string | undefined {
  const { client, server } = draft;
  if (client.kind === "entity" && server.kind === "workload") return serverKey(draft);
  return client.kind === "workload" && server.kind === "entity" ? clientKey(draft) : undefined;
}

/** True when what both sketches know whole shows no item of `some` outside `all`, and shows at least one inside. */
function isWithin(some: BottomK, all: BottomK): boolean {
  const comparable = some.values().some((hash) => hash <= all.bound());
  return comparable && !hasItemBeyond(some, all);
}

function mergeInto(sketches: Map<string, BottomK>, key: string, connections: BottomK): void {
  const held = sketches.get(key) ?? new BottomK(connections.limit);
  held.merge(connections);
  sketches.set(key, held);
}

function serverKey({ server, protocol, port }: Pick<EdgeDraft, "server" | "protocol" | "port">): string {
  return `to ${peerName(server)} ${protocol} ${port ?? ""}`;
}

function clientKey({ client, protocol, port }: Pick<EdgeDraft, "client" | "protocol" | "port">): string {
  return `from ${peerName(client)} ${protocol} ${port ?? ""}`;
}

function denialKey(ends: DeniedDraft["ends"]): string {
  return `${edgeKey(ends)} ${ends.reason} ${ends.byPolicy}`;
}
