import { identified } from "../../lib/identified.ts";
import { by } from "../../lib/sort.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { NetworkPolicy } from "../../model/manifest.ts";
import { connectionWords, type Effect, type ProposedAccess } from "../../model/proposal.ts";
import type { Difference, DifferenceEnd, DifferenceRow } from "../difference/difference.ts";
import { policyDifference } from "../difference.ts";
import { presentParts } from "../network/present.ts";
import { problemsOf } from "../network/problems.ts";
import { buildReplayWorld, type ReplayFacts, type ReplayWorld, workloadOfPod } from "../proof/replay.ts";
import { prove } from "../proof.ts";
import { portWords } from "./port-words.ts";

/** Policies before and after a change, and who is there to notice. */
export interface NetworkChange {
  /** Workloads that nobody saw may be among them. */
  readonly graph: Pick<CommunicationGraph, "workloads" | "edges">;
  /** Everything in force, of people and of ours; what the API server would refuse counts for nothing. */
  readonly base: readonly NetworkPolicy[];
  readonly head: readonly NetworkPolicy[];
  readonly facts: ReplayFacts;
}

/** More than these are counted. */
const LISTED = 200;

/**
 * What a change of policies means for connections: exactly, for every pair of workloads and port, whether or not anybody was
 * seen using it. What was seen and would be refused anew is in `cut`, decided by nobody.
 */
export function networkEffect({ graph, base, head, facts }: NetworkChange): Effect {
  const [before, after] = [base, head].map((policies) => policies.filter(isValid).map(presentParts));
  const worlds = [before ?? [], after ?? []].map((policies) => buildReplayWorld(graph, policies, facts));
  const [from, to] = worlds;
  if (from === undefined || to === undefined) return NO_EFFECT;
  const difference = policyDifference(from.world, to.world, facts.profile ?? "cilium", {
    listed: 2 * SHOWN,
  });
  const forbidden = accesses(difference.cut);
  return {
    allowed: accesses(difference.opened),
    forbidden: forbidden.slice(0, LISTED),
    forbiddenMore: Math.max(0, forbidden.length - LISTED),
    isolated: isolatedAnew(from, to),
    cut: cutAnew(graph, { before: before ?? [], after: after ?? [], facts, difference }),
  };
}

/** Nothing changes for anybody. */
export const NO_EFFECT: Effect = { allowed: [], forbidden: [], forbiddenMore: 0, isolated: [], cut: [] };

function isValid(policy: NetworkPolicy): boolean {
  return problemsOf(policy).length === 0;
}

interface Ends {
  readonly client: DifferenceEnd;
  readonly server: DifferenceEnd;
  readonly rows: DifferenceRow[];
}

/** Rows between the same ends are told as one: the same end is the same object. */
function accesses(rows: readonly DifferenceRow[]): readonly ProposedAccess[] {
  const byClient = new Map<DifferenceEnd, Map<DifferenceEnd, Ends>>();
  for (const row of rows) {
    const { client, server } = row;
    const byServer = byClient.get(client) ?? new Map<DifferenceEnd, Ends>();
    byClient.set(client, byServer);
    const known = byServer.get(server);
    if (known === undefined) byServer.set(server, { client, server, rows: [row] });
    else known.rows.push(row);
  }
  const ends = [...byClient.values()].flatMap((byServer) => [...byServer.values()]);
  const found = ends.map(({ client, server, rows: own }) =>
    identified({ kind: "connection", from: endWords(client), to: endWords(server), port: portWords(own) } as const),
  );
  return found.toSorted(by(({ to, from, port }) => JSON.stringify([to, from, port])));
}

function endWords(end: DifferenceEnd): string {
  switch (end.kind) {
    case "pods":
      return podWords(end.pods, end.count);
    case "nodes":
      return "nodes";
    case "addresses":
      return end.cidrs.length <= SHOWN && !end.cidrs.some((cidr) => cidr.endsWith("/0"))
        ? end.cidrs.join(", ")
        : "addresses outside the cluster";
  }
}

/** Two pods stand for each workload. @param count of all pods, of which the first are given */
function podWords(pods: readonly string[], count: number): string {
  const names = [...new Set(pods.map(workloadOfPod))].slice(0, SHOWN);
  const more = Math.ceil(count / 2) - names.length;
  return `${names.join(", ")}${more <= 0 ? "" : ` and ${more} more`}`;
}

const SHOWN = 3;

function isolatedAnew(before: ReplayWorld, after: ReplayWorld): Effect["isolated"] {
  const found = [...after.podOf].flatMap(([workload, { namespace, name }]) => {
    const id = `${namespace}/${name}`;
    return (["ingress", "egress"] as const).flatMap((direction) => {
      const isIsolated = (world: ReplayWorld) => (world.compiled.pods.get(id)?.isolatedBy[direction].length ?? 0) > 0;
      return isIsolated(after) && !isIsolated(before) ? [{ workload, direction }] : [];
    });
  });
  return found.toSorted(by(({ workload, direction }) => `${workload} ${direction}`));
}

interface Replayed {
  readonly before: readonly NetworkPolicy[];
  readonly after: readonly NetworkPolicy[];
  readonly facts: ReplayFacts;
  readonly difference: Difference;
}

/** Edges that pass before and not after; without anything forbidden there are none. */
function cutAnew(graph: NetworkChange["graph"], { before, after, facts, difference }: Replayed): Effect["cut"] {
  if (difference.cut.length === 0 && difference.unclear.length === 0) return [];
  const known = new Set(prove(graph, before, facts).cut.map(({ edge }) => identified(connectionWords(edge)).id));
  const cut = prove(graph, after, facts).cut.map(({ edge }) => identified(connectionWords(edge)));
  const anew = new Map(cut.filter(({ id }) => !known.has(id)).map((access) => [access.id, access]));
  return [...anew.values()].map((access) => ({ ...access, decided: undefined }));
}
