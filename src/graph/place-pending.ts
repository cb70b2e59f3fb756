import type { QuarantineReason } from "../model/graph.ts";
import { type Peer, peerName } from "../model/peer.ts";
import { addDraft, type EdgeDraft, type EdgeEnds, isPodless, type Refuse } from "./edge-draft.ts";
import type { Identifier, Role } from "./identify.ts";
import { declaredListeners, Listeners } from "./listeners.ts";
import type { Observations } from "./observations.ts";
import type { Pending, PendingEnd } from "./pending.ts";
import { serversOf } from "./servers.ts";

/** A group whose ends are known in the role of servers; who is the client is the question. */
interface Question {
  readonly pending: Pending;
  readonly a: Peer;
  readonly b: Peer;
  readonly ask: (end: PendingEnd, role: Role) => ReturnType<Identifier["identify"]>;
}

/** A group and the edges it turned out to be evidence of; `turned` when its first end is the server. */
interface Placed {
  readonly pending: Pending;
  readonly edges: readonly EdgeEnds[];
  readonly turned: boolean;
  /** The Service that was called. */
  readonly service: string | undefined;
}

/**
 * Gives connections that no record oriented a client, where exactly one end is a server that oriented records know
 * (facts/flows.md, 1.4). What was placed is no witness for the rest, so the order does not matter.
 *
 * @returns how many records stayed undecided
 */
export function placePending(
  observations: Observations,
  identifier: Identifier,
  drafts: Map<string, EdgeDraft>,
  refuse: Refuse,
): number {
  let undecided = 0;
  const pendings = observations.pending.list();
  const give = (pending: Pending, reason: QuarantineReason): void => {
    refuse(reason, pending.log);
    undecided += pending.records;
  };
  const questions: Question[] = [];
  const answers: Placed[] = [];
  for (const pending of pendings) {
    const question = pending.onOverlay
      ? "node-identity-on-overlay"
      : (serviceCalled(pending, identifier) ?? questionOf(pending, identifier));
    if (typeof question === "string") give(pending, question);
    else if ("ask" in question) questions.push(question);
    else answers.push(question);
  }
  const listeners: KnownListeners = {
    seen: new Listeners(drafts.values()),
    declared: new Listeners(declaredListeners(identifier)),
  };
  const claims = claimsOf(questions, observations);
  for (const question of questions) {
    if (isKnown(question, listeners.seen)) continue;
    const answer = place(question, listeners, claims);
    if (typeof answer === "string") give(question.pending, answer);
    else answers.push(answer);
  }
  for (const { pending, edges, turned, service } of answers) {
    for (const ends of edges) addDraft(drafts, ends, { log: pending.log, turned, service });
  }
  return undecided;
}

/** An end with a Service's address and port is the server: no connection ever comes from there. */
function serviceCalled(pending: Pending, identifier: Identifier): Placed | QuarantineReason | undefined {
  const { protocol, log } = pending;
  const calls = ([true, false] as const).flatMap((turned) => {
    const { sighting: server, port } = turned ? pending.a : pending.b;
    const served = serversOf(identifier, { server, protocol, port }, log);
    return "targets" in served && served.service !== undefined ? [{ ...served, turned }] : [];
  });
  const [call] = calls;
  if (call === undefined || calls.length > 1) return undefined;
  const { targets, turned, service } = call;
  const client = identifier.identify((turned ? pending.b : pending.a).sighting, "client", log);
  if ("quarantine" in client) return client.quarantine;
  const edges = targets
    .filter(({ peer }) => !isPodless(client.peer, peer))
    .map(({ peer, port }) => ({ client: client.peer, server: peer, protocol, port }));
  return edges.length === 0 ? "no-identity" : { pending, edges, turned, service };
}

function questionOf(pending: Pending, identifier: Identifier): Question | QuarantineReason {
  const ask: Question["ask"] = (end, role) => identifier.identify(end.sighting, role, pending.log);
  const [a, b] = [ask(pending.a, "server"), ask(pending.b, "server")];
  if ("quarantine" in a) return a.quarantine;
  if ("quarantine" in b) return b.quarantine;
  return { pending, a: a.peer, b: b.peer, ask };
}

/** Ports that oriented records showed to be servers', and those that the cluster's objects call so. */
interface KnownListeners {
  readonly seen: Listeners;
  readonly declared: Listeners;
}

function place(question: Question, { seen, declared }: KnownListeners, claims: Claims): Placed | QuarantineReason {
  const { pending } = question;
  const { claimed } = pending;
  const [aPort, bPort] = knownPorts(question, seen) ?? knownPorts(question, declared) ?? [];
  if (aPort !== undefined && bPort === undefined) return placed(question, aPort, true);
  if (bPort !== undefined && (aPort === undefined || claimed)) return placed(question, bPort, false);
  const claimedPort = claimed && bPort === undefined ? believedPort(question, claims) : undefined;
  return claimedPort === undefined ? undecidedReason(pending) : placed(question, claimedPort, false);
}

/** Several known servers at once, whose edges need no more evidence. */
function isKnown({ pending, b }: Question, seen: Listeners): boolean {
  return pending.claimed && seen.knowsAll(b, pending.protocol, pending.b) && pending.b.ports.size > 1;
}

/** The server port each end is known for; undefined when neither is. */
function knownPorts({ pending, a, b }: Question, listeners: Listeners): readonly Known[] | undefined {
  const { protocol } = pending;
  const ports = [listeners.port(a, protocol, pending.a), listeners.port(b, protocol, pending.b)];
  return ports.every((port) => port === undefined) ? undefined : ports;
}

type Known = ReturnType<Listeners["port"]>;

function placed(question: Question, port: number | "several", turned: boolean): Placed | QuarantineReason {
  const { pending, a, b, ask } = question;
  if (port === "several") return undecidedReason(pending);
  const client = ask(turned ? pending.b : pending.a, "client");
  if ("quarantine" in client) return client.quarantine;
  const server = turned ? a : b;
  if (isPodless(client.peer, server)) return "no-identity";
  const edges = [{ client: client.peer, server, protocol: pending.protocol, port }];
  return { pending, edges, turned, service: undefined };
}

function undecidedReason({ claimed }: Pending): QuarantineReason {
  return claimed ? "unconfirmed-server-port" : "undirected";
}

interface Claims {
  /** By connection, the server ports that were claimed for it. */
  readonly servers: ReadonlyMap<number, ReadonlySet<string>>;
  /** False for sources that never call anything a reply (Retina): that they call the rest requests says nothing. */
  readonly tellReplies: boolean;
}

function claimsOf(questions: readonly Question[], { counts }: Observations): Claims {
  const claims = new Map<number, Set<string>>();
  for (const question of questions.filter(isBetweenEphemeralPorts)) {
    for (const hash of question.pending.log.connections.values()) {
      const servers = claims.get(hash) ?? new Set();
      servers.add(claimText(question));
      claims.set(hash, servers);
    }
  }
  return { servers: claims, tellReplies: (counts.get("replies") ?? 0) > 0 };
}

/** So many ports of the one end meeting a single port of the other show which of them is the server's. */
const TELLING_PORTS = 3;

/**
 * A claim without a second witness is believed only where both ports are ephemeral, the server's is always the same, and
 * nothing claims the contrary of the same connections, or many client ports speak for it.
 */
function believedPort(question: Question, claims: Claims): number | undefined {
  const { pending } = question;
  if (!isBetweenEphemeralPorts(question) || pending.b.ports.size !== 1) return undefined;
  const contested = pending.log.connections.values().some((hash) => (claims.servers.get(hash)?.size ?? 0) > 1);
  const doubtful = contested || !claims.tellReplies;
  return doubtful && pending.a.ports.size < TELLING_PORTS ? undefined : pending.b.ports.values()[0];
}

function isBetweenEphemeralPorts({ pending }: Question): boolean {
  return pending.claimed && pending.a.port === undefined && pending.b.port === undefined;
}

function claimText({ pending, b }: Question): string {
  return `${peerName(b)} ${[...pending.b.ports.values()].join()}`;
}
