import type { CommunicationGraph, Edge, Workload } from "../../model/graph.ts";
import type { InferredTraffic } from "../../model/inferred.ts";
import { type Peer, peerName, type WorkloadKey } from "../../model/peer.ts";
import type { RulePeer, RulePort } from "../../model/policy-set.ts";
import { type Inexpressible, isInScope, type SynthesisOptions } from "./options.ts";
import { ANYWHERE, blockOf } from "./rule-peers.ts";
import type { Selection } from "./selectors.ts";

export type Direction = "ingress" | "egress";

/** A peer and port that a direction of a workload needs, and what shows or promises it. */
export interface Need {
  readonly peer: RulePeer;
  readonly port: RulePort;
  readonly because: readonly Edge[];
  /** The generalisation that added it; undefined when it was seen. */
  readonly inferredBy: string | undefined;
  /** Traffic that objects promise and the operator allowed: what the need is there for when nothing was seen. */
  readonly promised: readonly InferredTraffic[];
}

/** An edge that no rule can say, and what was decided about it. */
export interface Unsayable {
  readonly edge: Edge;
  readonly what: Inexpressible | "no-selector";
  readonly outcome: "open" | "address" | "omit";
}

/** One direction of one workload: what it needs, and what can't be said. */
export interface DirectionNeeds {
  readonly needs: Need[];
  readonly unsayable: Unsayable[];
}

/** By workload and direction; a direction without an entry was never observed. */
export type NeedsIndex = ReadonlyMap<WorkloadKey, Readonly<Partial<Record<Direction, DirectionNeeds>>>>;

interface Context {
  readonly options: SynthesisOptions;
  readonly workloads: ReadonlyMap<WorkloadKey, Workload>;
  readonly selections: ReadonlyMap<WorkloadKey, Selection>;
  readonly index: Map<WorkloadKey, Partial<Record<Direction, DirectionNeeds>>>;
  /** One object a workload, however many rules name it. */
  readonly peers: Map<WorkloadKey, RulePeer>;
}

/** Turns each edge into what its client needs outward and its server inward (DESIGN.md, decision 6). */
export function collectNeeds(
  graph: CommunicationGraph,
  selections: ReadonlyMap<WorkloadKey, Selection>,
  options: SynthesisOptions,
): NeedsIndex {
  const workloads = new Map(graph.workloads.map((workload) => [workload.key, workload]));
  const context: Context = { options, workloads, selections, index: new Map(), peers: new Map() };
  for (const edge of graph.edges) {
    addNeed(context, edge, edge.client, "egress");
    addNeed(context, edge, edge.server, "ingress");
  }
  return context.index;
}

function addNeed(context: Context, edge: Edge, subject: Peer, direction: Direction): void {
  if (subject.kind !== "workload") return;
  const workload = context.workloads.get(subject.workload);
  if (workload === undefined || !isInScope(workload.namespace, context.options)) return;
  const other = direction === "egress" ? edge.server : edge.client;
  if (isOwnNode(other, direction)) return;
  const entry = entryOf(context, subject.workload, direction);
  const what = inexpressible(context, edge, other);
  if (what === undefined) entry.needs.push(...needsOf(context, edge, other, direction));
  else addUnsayable(context, entry, { edge, what, other });
}

function addUnsayable(
  context: Context,
  entry: DirectionNeeds,
  { edge, what, other }: Pick<Unsayable, "edge" | "what"> & { readonly other: Peer },
): void {
  const choice = what === "no-selector" ? "open" : context.options.inexpressible[what];
  const address = other.kind === "entity" ? other.address : undefined;
  const port = portOf(edge);
  const isNameable = address !== undefined && port !== undefined;
  entry.unsayable.push({ edge, what, outcome: choice === "address" && !isNameable ? "open" : choice });
  if (choice !== "address" || !isNameable) return;
  entry.needs.push(seenNeed(blockOf(address, { v4: 32, v6: 128 }), port, edge));
}

/** A pod's own node reaches it whatever policies say (kubernetes.io "Network Policies"); the way back is not as certain. */
function isOwnNode(other: Peer, direction: Direction): boolean {
  return direction === "ingress" && other.kind === "entity" && other.entity === "host";
}

function entryOf(context: Context, key: WorkloadKey, direction: Direction): DirectionNeeds {
  const directions = context.index.get(key) ?? {};
  const entry = directions[direction] ?? { needs: [], unsayable: [] };
  directions[direction] = entry;
  context.index.set(key, directions);
  return entry;
}

function inexpressible(context: Context, edge: Edge, other: Peer): Unsayable["what"] | undefined {
  if (edge.protocol === "ICMPv4" || edge.protocol === "ICMPv6" || edge.protocol === "other") return "icmp";
  if (other.kind === "entity") return other.entity;
  return other.kind === "workload" && !context.selections.has(other.workload) ? "no-selector" : undefined;
}

function needsOf(context: Context, edge: Edge, other: Peer, direction: Direction): Need[] {
  const port = portOf(edge);
  if (port === undefined) return [];
  const seen = rulePeers(context, other, direction).map((peer) => seenNeed(peer, port, edge));
  const isDns = port.protocol === "UDP" && (port.port === 53 || port.port === 5353);
  if (!isDns || !context.options.dnsOverTcp) return seen;
  const overTcp = seen.map((need) => ({
    ...need,
    port: { ...port, protocol: "TCP" as const },
    inferredBy: "dns-over-tcp",
  }));
  return [...seen, ...overTcp];
}

function seenNeed(peer: RulePeer, port: RulePort, edge: Edge): Need {
  return { peer, port, because: [edge], inferredBy: undefined, promised: [] };
}

function rulePeers(context: Context, other: Peer, direction: Direction): readonly RulePeer[] {
  if (other.kind === "external") {
    const anyone = direction === "ingress" && context.options.externalClients === "any";
    return anyone ? ANYWHERE : [blockOf(other.address, context.options.externalPrefix)];
  }
  const peer = other.kind === "workload" ? podsPeer(context, other.workload) : undefined;
  return peer === undefined ? [] : [peer];
}

function podsPeer({ workloads, selections, peers }: Context, key: WorkloadKey): RulePeer | undefined {
  const [namespace, labels] = [workloads.get(key)?.namespace, selections.get(key)?.labels];
  if (namespace === undefined || labels === undefined) return undefined;
  const known = peers.get(key) ?? { kind: "pods", namespace, labels };
  peers.set(key, known);
  return known;
}

function portOf(edge: Edge): RulePort | undefined {
  if (edge.protocol !== "TCP" && edge.protocol !== "UDP" && edge.protocol !== "SCTP") return undefined;
  return edge.port === undefined ? undefined : { protocol: edge.protocol, port: edge.port };
}

/** `shop/cart -> kube-apiserver(10.0.0.1) 6443/TCP`, for a finding. */
export function describeEdge(edge: Edge): string {
  const port = edge.port === undefined ? edge.protocol : `${edge.port}/${edge.protocol}`;
  return `${peerName(edge.client)} -> ${peerName(edge.server)} ${port}`;
}
