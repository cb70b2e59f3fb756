import { daysOf } from "../../lib/days.ts";
import { identified } from "../../lib/identified.ts";
import { by } from "../../lib/sort.ts";
import { attributesText } from "../../model/access-attributes.ts";
import type { AccessLine, SuggestedRole } from "../../model/access-policy.ts";
import type { Edge } from "../../model/graph.ts";
import { clientName } from "../../model/inferred.ts";
import type { Peer } from "../../model/peer.ts";
import type { InferredOutcome } from "../../model/policy-set.ts";
import { connectionWords, type ProposedAccess, type ProposedEvidence } from "../../model/proposal.ts";

/** Connections that begin or end in a namespace, as rows: what was seen, and what objects promise and somebody allowed. Sorted. */
export function connectionEvidence(
  namespace: string,
  edges: readonly Edge[],
  inferred: readonly InferredOutcome[],
): readonly ProposedEvidence[] {
  const seen = edges
    .filter(({ client, server }) => (isIn(client, namespace) || isIn(server, namespace)) && !isExempt(client))
    .map(edgeRow);
  const promised = inferred
    .filter(({ outcome, traffic }) => outcome === "allowed" && traffic.server.namespace === namespace)
    .map(promisedRow);
  const rows = new Map([...promised, ...seen].map((row) => [row.id, row]));
  return [...rows.values()].toSorted(by(({ to, from, port }) => JSON.stringify([to, from, port])));
}

/** What the roles of some names hold, as rows; sorted. */
export function requestEvidence(roles: readonly SuggestedRole[]): readonly ProposedEvidence[] {
  const rows = roles.flatMap((role) => role.lines.map((line) => lineRow(role, line)));
  const distinct = new Map(rows.map((row) => [row.id, row]));
  return [...distinct.values()].toSorted(by(({ from, to }) => JSON.stringify([from, to])));
}

/** Whether a peer is a workload of a namespace. */
export function isIn(peer: Peer, namespace: string): boolean {
  return peer.kind === "workload" && peer.workload.startsWith(`${namespace}/`);
}

/** No policy keeps a pod's own node out, and no rule is there for it. */
function isExempt(client: Peer): boolean {
  return client.kind === "entity" && client.entity === "host";
}

function edgeRow(edge: Edge): ProposedEvidence {
  const { connections, firstSeen, lastSeen, hours } = edge.evidence;
  const days = daysOf(hours);
  return { ...identified(connectionWords(edge)), count: connections, firstSeen, lastSeen, days, inferred: undefined };
}

function promisedRow({ traffic }: InferredOutcome): ProposedEvidence {
  const { client, server, protocol, port, object, kind } = traffic;
  const words = {
    kind: "connection",
    from: clientName(client),
    to: `${server.namespace}/${server.name}`,
    port: `${protocol}/${port}`,
  } as const;
  return { ...unseen(words), inferred: `${object} promises it, and --allow ${kind} lets it through` };
}

function lineRow(role: SuggestedRole, { attributes, origin, evidence, widenedFrom }: AccessLine): ProposedEvidence {
  const words = { kind: "request", from: role.subjectName, to: attributesText(attributes), port: "" } as const;
  const because = [
    ...(origin.kind === "observed" ? [] : [`${origin.kind}: ${origin.because}`]),
    ...(widenedFrom === undefined ? [] : [`any name, where ${widenedFrom} ${widenedFrom === 1 ? "was" : "were"} seen`]),
  ];
  const inferred = because.length === 0 ? undefined : because.join("; ");
  if (evidence === undefined) return { ...unseen(words), inferred };
  const days = daysOf(evidence.hours);
  const { requests: count, firstSeen, lastSeen } = evidence;
  return { ...identified(words), count, firstSeen, lastSeen, days, inferred };
}

function unseen(words: Omit<ProposedAccess, "id">): Omit<ProposedEvidence, "inferred"> {
  return { ...identified(words), count: 0, firstSeen: undefined, lastSeen: undefined, days: 0 };
}
