import { by } from "../../lib/sort.ts";
import type { Edge } from "../../model/graph.ts";
import type { InferredTraffic } from "../../model/inferred.ts";
import { peerName } from "../../model/peer.ts";
import type { Rule, RulePeer, RulePort } from "../../model/policy-set.ts";
import type { Need } from "./needs.ts";
import { covers, rulePeerKey } from "./rule-peers.ts";

/**
 * Writes needs as few rules without changing what they allow: a peer that a wider one covers on the same port goes,
 * and peers with the same ports share a rule. The order of the needs does not matter.
 */
export function compact(needs: readonly Need[]): Rule[] {
  const distinct = dropCovered(mergeEqual(needs));
  const peers = new Map<string, Need[]>();
  for (const need of distinct) push(peers, rulePeerKey(need.peer), need);
  const groups = new Map<string, Need[]>();
  for (const ofPeer of peers.values()) {
    const ports = ofPeer.map(({ port }) => portKey(port)).toSorted();
    for (const need of ofPeer) push(groups, ports.join(), need);
  }
  return [...groups.values()].map(ruleOf).toSorted(by(ruleKey));
}

/** Needs that no wider need of `wider` already meets: the rest would add nothing. */
export function notMetBy(needs: readonly Need[], wider: readonly Need[]): Need[] {
  const met = new Set(wider.map(needKey));
  return needs.filter(
    (need) => !met.has(needKey(need)) && !wider.some((other) => samePort(other, need) && covers(other.peer, need.peer)),
  );
}

function mergeEqual(needs: readonly Need[]): Need[] {
  const merged = new Map<string, Need>();
  for (const need of needs) {
    const key = needKey(need);
    const known = merged.get(key);
    merged.set(key, known === undefined ? need : join(known, need));
  }
  return [...merged.values()].toSorted(by(needKey));
}

/** What was seen once is not inferred any more. */
function join(one: Need, other: Need): Need {
  const because = [...one.because, ...other.because];
  if (isSeen(one) || isSeen(other)) return { ...one, because, inferredBy: undefined, promised: [] };
  const promised = [...one.promised, ...other.promised];
  return { ...one, because, inferredBy: one.inferredBy ?? other.inferredBy, promised };
}

function isSeen({ because, inferredBy }: Need): boolean {
  return because.length > 0 && inferredBy === undefined;
}

/** What a wider peer lets through anyway: that it was seen makes nothing seen of what the wider one adds. */
function absorb(wide: Need, narrow: Need): Need {
  if (wide.promised.length === 0) return join(wide, narrow);
  const because = [...wide.because, ...narrow.because];
  return { ...wide, because, promised: [...wide.promised, ...narrow.promised] };
}

function dropCovered(needs: readonly Need[]): Need[] {
  const widest = new Map<string, Need>();
  for (const need of needs) {
    const wide = isPossiblyCovered(need, needs) ? widestCover(need, needs) : need;
    const key = needKey(wide);
    const known = widest.get(key) ?? wide;
    widest.set(key, wide === need ? known : absorb(known, need));
  }
  return [...widest.values()];
}

/** Hundreds of single addresses never cover one another: no need to compare them pair by pair. */
function isPossiblyCovered({ peer }: Need, needs: readonly Need[]): boolean {
  if (peer.kind !== "block") return peer.kind === "pods";
  const length = prefixLength(peer.cidr);
  return needs.some(
    (other) => other.peer.kind === "anyone" || (other.peer.kind === "block" && prefixLength(other.peer.cidr) < length),
  );
}

function widestCover(need: Need, needs: readonly Need[]): Need {
  let widest = need;
  for (const other of needs) if (samePort(other, need) && covers(other.peer, widest.peer)) widest = other;
  return widest;
}

function ruleOf(needs: readonly Need[]): Rule {
  const peers = new Map(needs.map(({ peer }) => [rulePeerKey(peer), peer]));
  const ports = new Map(needs.map(({ port }) => [portKey(port), port]));
  const edges = new Map(needs.flatMap(({ because }) => because).map((edge) => [edgeText(edge), edge]));
  const inferred = new Map(
    needs.flatMap(({ port, inferredBy }) =>
      inferredBy === undefined ? [] : [[portKey(port), { port, by: inferredBy }] as const],
    ),
  );
  const promised = new Map(needs.flatMap((need) => need.promised).map((traffic) => [trafficText(traffic), traffic]));
  return {
    peers: sortedValues(peers),
    ports: sortedValues(ports),
    because: sortedValues(edges),
    promised: sortedValues(promised),
    inferred: sortedValues(inferred),
  };
}

function ruleKey(rule: Rule): string {
  return `${rule.peers.map((peer: RulePeer) => rulePeerKey(peer)).join()} ${rule.ports.map(portKey).join()}`;
}

function edgeText(edge: Edge): string {
  return `${peerName(edge.client)} ${peerName(edge.server)} ${edge.protocol} ${edge.port ?? ""}`;
}

function trafficText({ kind, client, server, protocol, port, object }: InferredTraffic): string {
  return JSON.stringify([object, kind, client, server, protocol, port]);
}

function needKey(need: Need): string {
  return `${rulePeerKey(need.peer)} ${portKey(need.port)}`;
}

function portKey(port: RulePort): string {
  return `${port.protocol} ${String(port.port).padStart(5, "0")}`;
}

function samePort(one: Need, other: Need): boolean {
  return one.port.port === other.port.port && one.port.protocol === other.port.protocol;
}

function prefixLength(cidr: string): number {
  return Number(cidr.slice(cidr.indexOf("/") + 1));
}

function push<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}

function sortedValues<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].toSorted(by(([key]) => key)).map(([, value]) => value);
}
