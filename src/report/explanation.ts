import type { Finding } from "../model/finding.ts";
import type { DeniedEdge, Edge } from "../model/graph.ts";
import { clientName } from "../model/inferred.ts";
import { type Peer, peerName } from "../model/peer.ts";
import type { DirectionPolicy, InferredOutcome, Rule, WorkloadPolicy } from "../model/policy-set.ts";
import type { Suggestion } from "../pipeline.ts";
import { allFindings, OPEN_WORDS } from "./wording.ts";

export type Direction = "egress" | "ingress";

/** Which traffic somebody asks about; undefined means any. Peers are given by all their names (`peerName`). */
export interface Question {
  readonly from: ReadonlySet<string> | undefined;
  readonly to: ReadonlySet<string> | undefined;
  readonly port: number | undefined;
  readonly protocol: string | undefined;
}

/** What one side of an edge has to say about it. */
export type Decision =
  /** The side is no workload: no NetworkPolicy speaks for it. */
  | { readonly kind: "no-workload" }
  | { readonly kind: "no-policy" }
  /** Every implementation lets a pod's own node in (kubernetes.io "Network Policies"). */
  | { readonly kind: "own-node" }
  | { readonly kind: "open"; readonly policy: WorkloadPolicy; readonly reason: string }
  /** `rule` counts from 1, as a person reads the manifest. */
  | { readonly kind: "allowed"; readonly policy: WorkloadPolicy; readonly number: number; readonly rule: Rule }
  | { readonly kind: "closed"; readonly policy: WorkloadPolicy }
  /** Closed, and the protocol has no ports, so that no rule could open it. */
  | { readonly kind: "unspeakable"; readonly policy: WorkloadPolicy };

export interface ExplainedEdge {
  readonly edge: Edge;
  readonly egress: readonly Decision[];
  readonly ingress: readonly Decision[];
}

/** What the policies say about one asked peer in the asked direction, whatever the other end. */
export interface Side {
  readonly peer: string;
  readonly direction: Direction;
  /** The policies that select it, each with what it does about the direction. */
  readonly policies: readonly { readonly policy: WorkloadPolicy; readonly does: DirectionPolicy }[];
}

/** Everything known about the traffic somebody asks about. */
export interface Explanation {
  readonly sides: readonly Side[];
  readonly edges: readonly ExplainedEdge[];
  readonly denied: readonly DeniedEdge[];
  readonly excluded: readonly Edge[];
  /** What objects promise, whatever becomes of it. */
  readonly promised: readonly InferredOutcome[];
  /** Allowed by the policies, although nobody used it. */
  readonly unused: Suggestion["proof"]["unused"];
  /** About one of the peers. */
  readonly findings: readonly Finding[];
  /** Samples of observations set aside that name an address of one of the peers. */
  readonly quarantined: readonly {
    readonly reason: Suggestion["graph"]["quarantine"][number]["reason"];
    readonly sample: string;
  }[];
}

/** Collects what is known about the traffic of a question. */
export function explain(suggestion: Suggestion, question: Question): Explanation {
  const { graph, excluded, policies, proof } = suggestion;
  const edges = graph.edges.filter((edge) => matches(edge, question));
  const denied = graph.denied.filter((edge) => matches(edge, question));
  const asked = new Set([...(question.from ?? []), ...(question.to ?? [])]);
  return {
    sides: [
      ...sidesOf(question.from, "egress", policies.policies),
      ...sidesOf(question.to, "ingress", policies.policies),
    ],
    edges: edges.map((edge) => ({
      edge,
      egress: decide(edge, "egress", policies.policies),
      ingress: decide(edge, "ingress", policies.policies),
    })),
    denied,
    excluded: excluded.filter((edge) => matches(edge, question)),
    promised: policies.inferred.filter((one) => {
      const { traffic, server } = one;
      const client = one.client ?? clientName(traffic.client);
      return matchesNames({ client, server, port: traffic.port, protocol: traffic.protocol }, question);
    }),
    unused: proof.unused.filter((opening) => {
      const { server, port, protocol } = opening;
      // What is open to anyone is open to whoever is asked about.
      const client = opening.client === "anyone" ? undefined : opening.client;
      return matchesNames({ client, server, port, protocol }, question);
    }),
    findings: allFindings(suggestion).filter(({ about }) => about !== undefined && asked.has(about)),
    quarantined: quarantinedOf(suggestion, question),
  };
}

function sidesOf(
  peers: ReadonlySet<string> | undefined,
  direction: Direction,
  policies: readonly WorkloadPolicy[],
): readonly Side[] {
  return [...(peers ?? [])].map((peer) => ({
    peer,
    direction,
    policies: policies
      .filter(({ workloads }) => workloads.includes(peer))
      .map((policy) => ({ policy, does: policy[direction] })),
  }));
}

function matches(edge: Pick<Edge, "client" | "server" | "port" | "protocol">, question: Question): boolean {
  const { client, server, port, protocol } = edge;
  return matchesNames({ client: peerName(client), server: peerName(server), port, protocol }, question);
}

/** Ends by their names; without a client, any. */
interface Named {
  readonly client: string | undefined;
  readonly server: string;
  readonly port: number | undefined;
  readonly protocol: string;
}

function matchesNames({ client, server, port, protocol }: Named, question: Question): boolean {
  return (
    (question.from === undefined || client === undefined || question.from.has(client)) &&
    (question.to === undefined || question.to.has(server)) &&
    (question.port === undefined || question.port === port) &&
    (question.protocol === undefined || question.protocol === protocol)
  );
}

function decide(edge: Edge, direction: Direction, policies: readonly WorkloadPolicy[]): readonly Decision[] {
  const peer: Peer = direction === "egress" ? edge.client : edge.server;
  if (peer.kind !== "workload") return [{ kind: "no-workload" }];
  if (direction === "ingress" && edge.client.kind === "entity" && edge.client.entity === "host") {
    return [{ kind: "own-node" }];
  }
  const own = policies.filter(({ workloads }) => workloads.includes(peer.workload));
  if (own.length === 0) return [{ kind: "no-policy" }];
  return own.flatMap((policy) => decideBy(policy, policy[direction], edge));
}

function decideBy(policy: WorkloadPolicy, direction: DirectionPolicy, edge: Edge): readonly Decision[] {
  if (direction.mode === "open") return [{ kind: "open", policy, reason: OPEN_WORDS[direction.reason] }];
  const key = edgeKey(edge);
  const allowed = direction.rules.flatMap((rule, index): readonly Decision[] =>
    rule.because.some((because) => edgeKey(because) === key)
      ? [{ kind: "allowed", policy, number: index + 1, rule }]
      : [],
  );
  if (allowed.length > 0) return allowed;
  return [{ kind: edge.port === undefined ? "unspeakable" : "closed", policy }];
}

function edgeKey({ client, server, protocol, port }: Edge): string {
  return JSON.stringify([peerName(client), peerName(server), protocol, port]);
}

/** What was set aside names ends by address, so a peer is found by the addresses that samples show for it. */
function quarantinedOf(suggestion: Suggestion, { from, to }: Question): Explanation["quarantined"] {
  const sides = [from, to].flatMap((peers) => (peers === undefined ? [] : [addressesOf(suggestion, peers)]));
  const found = suggestion.graph.quarantine.flatMap(({ reason, samples }) =>
    [...new Set(samples)]
      .filter((sample) => sides.every((addresses) => addresses.some((address) => sample.includes(address))))
      .map((sample) => ({ reason, sample })),
  );
  return sides.length === 0 ? [] : found;
}

/** Each as `address:`, the way an end starts in a sample. */
function addressesOf({ graph }: Suggestion, asked: ReadonlySet<string>): readonly string[] {
  const ends = [...graph.edges.map((edge) => ({ ...edge, ...edge.evidence })), ...graph.denied];
  const found = new Set<string>();
  for (const { client, server, samples } of ends) {
    for (const sample of samples) {
      if (asked.has(peerName(client))) found.add(withoutPort(sample.client));
      if (asked.has(peerName(server))) found.add(withoutPort(sample.server));
    }
  }
  return [...found].filter((address) => address !== "").map((address) => `${address}:`);
}

function withoutPort(end: string): string {
  return end.replace(/:\d+$/u, "");
}
