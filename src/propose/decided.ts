import { selectUses } from "../graph/access/select-uses.ts";
import { selectEdges } from "../graph/select.ts";
import type { Learned } from "../learn.ts";
import type { Finding } from "../model/finding.ts";
import type { CommunicationGraph, Edge } from "../model/graph.ts";
import type { Decision } from "../model/proposal.ts";

/**
 * Whether a decision is about connections, as `--exclude` has them: no name in them has a space, and `SUBJECT:VERB RESOURCE` has
 * one.
 */
export function isAboutConnections({ what }: Pick<Decision, "what">): boolean {
  return !/\s/u.test(what.trim().replaceAll(/\s*->\s*/gu, "->"));
}

/** What was learned without what somebody rejected. */
export interface KeptByDecisions {
  readonly kept: Learned;
  /** Rejected requests that nobody was seen making. */
  readonly idle: readonly string[];
  /** About patterns that match no connection. */
  readonly findings: readonly Finding[];
}

/** Takes out of what was learned what decisions reject. */
export function withoutRejected(learned: Learned, decisions: readonly Decision[]): KeptByDecisions {
  const rejected = decisions.filter(({ kind }) => kind === "reject");
  const patterns = (some: readonly Decision[]): readonly string[] => some.map(({ what }) => what);
  const { graph, findings } = selectEdges(learned.graph, patterns(rejected.filter(isAboutConnections)), []);
  const requests = rejected.filter((decision) => !isAboutConnections(decision));
  const { access, idle } = selectUses(learned.access, patterns(requests));
  return { kept: { ...learned, graph, access }, idle, findings };
}

/** Decisions about some of the connections of a graph, in their order. */
export function decisionsOn(
  edges: readonly Edge[],
  { observed, decisions }: { readonly observed: CommunicationGraph; readonly decisions: readonly Decision[] },
): readonly Decision[] {
  return decisions.filter(
    (decision) =>
      isAboutConnections(decision) && selectEdges({ ...observed, edges }, [decision.what], []).excluded.length > 0,
  );
}
