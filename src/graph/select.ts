import type { Finding } from "../model/finding.ts";
import type { CommunicationGraph, DeniedEdge, Edge } from "../model/graph.ts";
import { edgeKey } from "./edge-draft.ts";
import { readEdgePattern } from "./edge-pattern.ts";

/** A graph after the operator's word, and what that word did. */
export interface Selected {
  readonly graph: CommunicationGraph;
  readonly excluded: readonly Edge[];
  readonly findings: readonly Finding[];
}

/**
 * Takes the edges out that match an `exclude` pattern, and the refused attempts in that match an `allowDenied` one.
 * A pattern that matches nothing is a finding: it may be a misspelling.
 *
 * @throws NetlearnError `NETLEARN_USAGE` for an unreadable pattern
 */
export function selectEdges(
  graph: CommunicationGraph,
  exclude: readonly string[],
  allowDenied: readonly string[],
): Selected {
  const excludes = exclude.map((text) => ({ text, matches: readEdgePattern(text) }));
  const grants = allowDenied.map((text) => ({ text, matches: readEdgePattern(text) }));
  const excluded = graph.edges.filter((edge) => excludes.some(({ matches }) => matches(edge)));
  const kept = graph.edges.filter((edge) => !excluded.includes(edge));
  const refused = graph.denied.filter((denied) => denied.byPolicy && grants.some(({ matches }) => matches(denied)));
  const known = new Set(kept.map(edgeKey));
  const granted = new Map(refused.map((denied) => [edgeKey(denied), grantedEdge(denied)]));
  const added = [...granted].filter(([key]) => !known.has(key)).map(([, edge]) => edge);
  const idle = [
    ...excludes.filter(({ matches }) => !graph.edges.some(matches)).map(({ text }) => idlePattern("--exclude", text)),
    ...grants.filter(({ matches }) => !refused.some(matches)).map(({ text }) => idlePattern("--allow-denied", text)),
  ];
  return {
    graph: { ...graph, edges: [...kept, ...added] },
    excluded,
    findings: [...idle, ...added.map(grantedFinding)],
  };
}

function grantedEdge({ client, server, protocol, port, connections, firstSeen, lastSeen, samples }: DeniedEdge): Edge {
  const evidence = {
    connections,
    exact: false,
    firstSeen,
    lastSeen,
    hours: [],
    kinds: [],
    passed: false,
    audited: false,
    samples,
  };
  return { client, server, protocol, port, evidence };
}

function idlePattern(option: string, text: string): Finding {
  return {
    code: "pattern-without-match",
    severity: "warning",
    about: undefined,
    message: `${option} ${JSON.stringify(text)} matches nothing that was seen.`,
    choice: "`netlearn graph` shows the names.",
  };
}

function grantedFinding(edge: Edge): Finding {
  return {
    code: "granted-denied",
    severity: "warning",
    about: edge.server.kind === "workload" ? edge.server.workload : undefined,
    message: `${edgeKey(edge).replaceAll(/(?:workload|external|entity) /g, "")} was refused so far and is granted by --allow-denied.`,
    choice: undefined,
  };
}
