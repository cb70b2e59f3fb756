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
    listed: Number.MAX_SAFE_INTEGER,
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
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly rows: DifferenceRow[];
}

function accesses(rows: readonly DifferenceRow[]): readonly ProposedAccess[] {
  const byEnds = new Map<string, Ends>();
  for (const row of rows) {
    const [from, to] = [endNames(row.client), endNames(row.server)];
    const key = JSON.stringify([from, to]);
    const known = byEnds.get(key);
    if (known === undefined) byEnds.set(key, { from, to, rows: [row] });
    else known.rows.push(row);
  }
  const found = [...byEnds.values()].map((ends) => {
    const words = {
      kind: "connection",
      from: listed(ends.from),
      to: listed(ends.to),
      port: portWords(ends.rows),
    } as const;
    return { ...words, id: identified({ ...words, from: ends.from.join(), to: ends.to.join() }).id };
  });
  return found.toSorted(by(({ to, from, port, id }) => JSON.stringify([to, from, port, id])));
}

function endNames(end: DifferenceEnd): readonly string[] {
  switch (end.kind) {
    case "pods":
      return [...new Set(end.pods.map(workloadOfPod))].toSorted();
    case "nodes":
      return ["nodes"];
    case "addresses":
      return end.cidrs.length <= SHOWN ? end.cidrs : ["addresses outside the cluster"];
  }
}

const SHOWN = 3;

function listed(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return more <= 0 ? names.join(", ") : `${names.slice(0, SHOWN).join(", ")} and ${more} more`;
}

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
