import { identified } from "../../lib/identified.ts";
import { by } from "../../lib/sort.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { NetworkPolicy } from "../../model/manifest.ts";
import { connectionWords, type Effect, type ProposedAccess } from "../../model/proposal.ts";
import type { DifferenceEnd, DifferenceRow } from "../difference/difference.ts";
import { policyDifference } from "../difference.ts";
import { presentParts } from "../network/present.ts";
import { problemsOf } from "../network/problems.ts";
import { cutEdges } from "../proof/cuts.ts";
import { buildReplayWorld, type ReplayFacts, type ReplayWorld, workloadOfPod } from "../proof/replay.ts";
import { portWords } from "./port-words.ts";

/** What is in force before a change, and who is there to notice one. */
export interface NetworkBefore {
  /** Workloads that nobody saw may be among them. */
  readonly graph: Pick<CommunicationGraph, "workloads" | "edges">;
  /** Everything in force, of people and of ours; what the API server would refuse counts for nothing. */
  readonly policies: readonly NetworkPolicy[];
  readonly facts: ReplayFacts;
}

/** More than these are counted. */
const LISTED = 200;

/**
 * What changes of the same policies mean for connections: exactly, for every pair of workloads and port, whether or not anybody
 * was seen using it. What was seen and would be refused anew is in `cut`, decided by nobody.
 *
 * @returns what it means that other policies are in force instead: all of them, as `policies` is
 */
export function networkEffects({ graph, policies, facts }: NetworkBefore): (head: readonly NetworkPolicy[]) => Effect {
  const from = buildReplayWorld(graph, inForce(policies), facts);
  let known: ReadonlySet<string> | undefined;
  const cutBefore = () => (known ??= new Set(cutIn(from, graph).map(({ id }) => id)));
  return (head) => {
    const to = buildReplayWorld(graph, inForce(head), facts);
    const difference = policyDifference(from.world, to.world, facts.profile ?? "cilium", { listed: 2 * SHOWN });
    const forbidden = accesses(difference.cut);
    // Without anything forbidden nothing is cut.
    const isCutting = difference.cut.length > 0 || difference.unclear.length > 0;
    return {
      allowed: accesses(difference.opened),
      forbidden: forbidden.slice(0, LISTED),
      forbiddenMore: Math.max(0, forbidden.length - LISTED),
      isolated: isolatedAnew(from, to),
      cut: isCutting ? cutAnew(cutIn(to, graph), cutBefore()) : [],
    };
  };
}

/** Nothing changes for anybody. */
export const NO_EFFECT: Effect = { allowed: [], forbidden: [], forbiddenMore: 0, isolated: [], cut: [] };

function inForce(policies: readonly NetworkPolicy[]): readonly NetworkPolicy[] {
  return policies.filter((policy) => problemsOf(policy).length === 0).map(presentParts);
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
  return found.toSorted(by(orderOf));
}

function orderOf({ to, from, port }: ProposedAccess): string {
  return JSON.stringify([to, from, port]);
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

/** Seen connections that policies refuse. */
function cutIn(world: ReplayWorld, { edges }: NetworkBefore["graph"]): readonly ProposedAccess[] {
  return cutEdges(world, edges).map((edge) => identified(connectionWords(edge)));
}

function cutAnew(cut: readonly ProposedAccess[], before: ReadonlySet<string>): Effect["cut"] {
  const anew = new Map(cut.filter(({ id }) => !before.has(id)).map((access) => [access.id, access]));
  return [...anew.values()].toSorted(by(orderOf)).map((access) => ({ ...access, decided: undefined }));
}
