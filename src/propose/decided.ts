import { DECISIONS_FILE } from "../gitops/manners/decisions.ts";
import { selectUses } from "../graph/access/select-uses.ts";
import { selectEdges } from "../graph/select.ts";
import type { Learned } from "../learn.ts";
import { NetlearnError } from "../lib/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { CommunicationGraph, Edge } from "../model/graph.ts";
import type { Decision } from "../model/proposal.ts";
import { type Request, requestPattern } from "../model/request-pattern.ts";
import type { Suggestion } from "../pipeline.ts";
import type { ProposalContext } from "./context.ts";

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
  /** Rejected requests: what follows from others is to be in no role either. */
  readonly requests: readonly string[];
  /** Those of them that nobody was seen making. */
  readonly idle: readonly string[];
  /** About patterns that match no connection. */
  readonly findings: readonly Finding[];
}

/**
 * Takes out of what was learned what decisions reject.
 *
 * @throws NetlearnError `NETLEARN_CONFIG_INVALID` for a pattern that can't be read: what it rejects must not be let through
 */
export function withoutRejected(learned: Learned, decisions: readonly Decision[]): KeptByDecisions {
  const rejected = decisions.filter(({ kind }) => kind === "reject");
  const patterns = (some: readonly Decision[]): readonly string[] => some.map(({ what }) => what);
  const { graph, findings } = readable(() =>
    selectEdges(learned.graph, patterns(rejected.filter(isAboutConnections)), []),
  );
  const requests = patterns(rejected.filter((decision) => !isAboutConnections(decision)));
  const { access, idle } = selectUses(learned.access, requests);
  return { kept: { ...learned, graph, access }, requests, idle, findings };
}

/** Those of some rejected requests that nothing implied either. */
export function unheard(idle: readonly string[], suggestion: Suggestion): readonly string[] {
  const implied = impliedAndRejected(suggestion);
  return idle.filter((text) => !implied.some(requestPattern(text)));
}

/** What only other requests imply, and no role holds because somebody rejected it. */
function impliedAndRejected({ accessSuggestion }: Suggestion): readonly Request[] {
  const leftOut = accessSuggestion?.policies.leftOut ?? [];
  return leftOut
    .filter(({ why }) => why === "rejected")
    .map(({ username, attributes }) => ({ identity: { username, groups: [username] }, attributes }));
}

/** Decisions about requests in a namespace, in their order; the empty namespace is the cluster's own. */
export function decisionsOnRequests(
  namespace: string,
  { uses, suggestion, decisions }: Pick<ProposalContext, "uses" | "suggestion" | "decisions">,
): readonly Decision[] {
  const candidates = decisions.filter((decision) => !isAboutConnections(decision));
  if (candidates.length === 0) return [];
  const requests: readonly Request[] = [...uses, ...impliedAndRejected(suggestion)].filter(
    ({ attributes }) => (attributes.kind === "resource" ? attributes.namespace : "") === namespace,
  );
  return candidates.filter(({ what }) => requests.some(requestPattern(what)));
}

function readable<Value>(select: () => Value): Value {
  try {
    return select();
  } catch (error) {
    if (!(error instanceof NetlearnError)) throw error;
    throw new NetlearnError("NETLEARN_CONFIG_INVALID", `${DECISIONS_FILE}: ${error.message}`, {
      hint: "Write NAMESPACE/WORKLOAD, CLIENT->SERVER, CLIENT->SERVER:PORT or CLIENT->SERVER:PORT/PROTOCOL.",
    });
  }
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
