import { selectEdges } from "../graph/select.ts";
import type { CommunicationGraph, Edge } from "../model/graph.ts";
import type { Decision } from "../model/proposal.ts";

/**
 * Whether a decision is about connections, as `--exclude` has them: no name in them has a space, and `SUBJECT:VERB RESOURCE` has
 * one.
 */
export function isAboutConnections({ what }: Pick<Decision, "what">): boolean {
  return !/\s/u.test(what.trim().replaceAll(/\s*->\s*/gu, "->"));
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
