import type { Answer } from "../network/answer.ts";
import { requirePort } from "../network/evaluate.ts";
import type { Profile } from "../network/profile.ts";
import type { VerdictKind } from "../network/verdict.ts";
import type { Connection, ConnectionEnd } from "../network/world.ts";
import { endNumber } from "./end-table.ts";
import { flatAtom, flatHolds } from "./flat-tables.ts";
import type { DirectionIndex, IndexedNetworkWorld } from "./index-world.ts";
import { ADDRESS, HOST, NODE, POD, SHARED_ADDRESS } from "./peer-space.ts";
import { OTHER_PROTOCOL, serverPort } from "./port-table.ts";

/** Verdicts by number, the less permissive the smaller: of two directions the smaller one decides (rule 2). */
export const VERDICTS = ["denied", "undefined", "allowed"] as const satisfies readonly VerdictKind[];
export const DENIED = 0;
export const UNDEFINED = 1;
export const ALLOWED = 2;

/**
 * Would a new connection pass? The same answer as `evaluateConnection(...).verdict`, without the reasons.
 * @throws NetlearnError NETLEARN_USAGE as `evaluateConnection` does
 */
export function verdictOf(index: IndexedNetworkWorld, { from, to, protocol, port }: Connection): VerdictKind {
  requirePort(protocol, port);
  const verdict = verdictNumber(index, endOf(index, from), endOf(index, to), serverPort(protocol, port ?? 0));
  return VERDICTS[verdict] ?? "undefined";
}

/**
 * Number of an end for {@link verdictNumber}; a pod's is its place in the world.
 * @throws NetlearnError NETLEARN_USAGE for a pod that the world lacks and for text that is no address
 */
export function endOf({ world, ends, peers }: IndexedNetworkWorld, end: ConnectionEnd): number {
  return endNumber(world, ends, peers.space, end);
}

/**
 * The verdict by number for ends by number ({@link endOf}) and a {@link serverPort}: the fast entry, which checks
 * nothing and makes nothing.
 */
export function verdictNumber(index: IndexedNetworkWorld, client: number, server: number, port: number): number {
  const { ends } = index;
  const pod = ends.pods[client] ?? -1;
  if (pod >= 0 && pod === ends.pods[server]) {
    return ALLOWED;
  }
  const from = ends.peers[client] ?? -1;
  const to = ends.peers[server] ?? -1;
  const egress = policiesAnswer(index.egress, from, to, port);
  const verdict = egress === DENIED ? DENIED : Math.min(egress, policiesAnswer(index.ingress, to, from, port));
  if (verdict === ALLOWED) {
    return ALLOWED;
  }
  const clientKind = index.peers.kinds[from] ?? ADDRESS;
  const serverKind = index.peers.kinds[to] ?? ADDRESS;
  const exempt = nodeExemption(index.profile, clientKind, serverKind);
  return exempt === "no" ? verdict : exempted(verdict, exempt, nodeRelation(ends.nodes, client, server));
}

/** What the policies at one end say about the other, by numbers of peers; exemptions come later. */
export function policiesAnswer(direction: DirectionIndex, subject: number, other: number, port: number): number {
  const kind = direction.kinds[subject] ?? ADDRESS;
  if (kind >= NODE) {
    return kind === SHARED_ADDRESS ? UNDEFINED : ALLOWED;
  }
  const { flat } = direction;
  const table = flat.tables[subject] ?? -1;
  if (table < 0) {
    return ALLOWED;
  }
  const protocol = port >>> 16;
  if (protocol === OTHER_PROTOCOL) {
    return UNDEFINED;
  }
  const set = 4 * flatAtom(flat, table, protocol, port & 0xffff);
  if (flatHolds(flat, set, other)) {
    return ALLOWED;
  }
  // Hosts stand here only where the profile cannot tell whether policies isolate them.
  return kind === HOST || flatHolds(flat, set + 2, other) ? UNDEFINED : DENIED;
}

/** Whether the profile exempts traffic between a pod and its own node, for ends of these kinds (rule 12). */
export function nodeExemption(profile: Profile, clientKind: number, serverKind: number): Answer {
  if (serverKind === POD && isNode(clientKind)) {
    return profile.exemptFromOwnNode;
  }
  return clientKind === POD && isNode(serverKind) ? profile.exemptToOwnNode : "no";
}

function isNode(kind: number): boolean {
  return kind === HOST || kind === NODE;
}

/** Whether a pod and a node belong together, by their numbers of nodes; unknown when nobody said where one is. */
function nodeRelation(nodes: Int32Array, client: number, server: number): Answer {
  const one = nodes[client] ?? -1;
  const other = nodes[server] ?? -1;
  if (one < 0 || other < 0) {
    return "unknown";
  }
  return one === other ? "yes" : "no";
}

/** A verdict after the exemption for a pod's own node. */
export function exempted(verdict: number, exempt: Answer, isOwnNode: Answer): number {
  if (exempt === "no" || isOwnNode === "no") {
    return verdict;
  }
  return exempt === "yes" && isOwnNode === "yes" ? ALLOWED : Math.max(verdict, UNDEFINED);
}
