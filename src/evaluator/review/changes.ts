import type { CheckFinding } from "../../model/check-finding.ts";
import type { CommunicationGraph, Edge } from "../../model/graph.ts";
import type { Peer } from "../../model/peer.ts";
import type { Difference, DifferenceEnd, DifferenceRow } from "../difference/difference.ts";
import { parseAddress } from "../network/address.ts";
import { isPolicyProtocol } from "../network/direction.ts";
import type { Connection, ConnectionEnd } from "../network/world.ts";
import { type FindingDraft, findingOf, namesOf } from "./finding.ts";
import { placesOf } from "./observed.ts";
import type { ReviewWorld } from "./world.ts";

/** What a change is judged beside. */
export interface ChangeContext {
  readonly base: ReviewWorld;
  readonly head: ReviewWorld;
  /** Undefined: nobody gave flows, so whether anybody uses a connection is not known. */
  readonly graph: Pick<CommunicationGraph, "edges"> | undefined;
}

/**
 * What a change does to connections nobody was seen using: each row of the difference is a finding, unless an observed
 * edge falls in it and is told with its evidence.
 */
export function changeFindings(difference: Difference, context: ChangeContext): readonly CheckFinding[] {
  const used = usedRows(difference, context);
  const rows = [...difference.cut, ...difference.opened, ...difference.unclear];
  return rows.flatMap((row) => {
    const edges = used.get(row) ?? [];
    // What is cut and was seen has an error of its own.
    return row.head !== "allowed" && edges.length > 0 ? [] : [rowFinding(row, edges, context)];
  });
}

function usedRows(
  { rowOf }: Difference,
  { graph, base, head }: ChangeContext,
): ReadonlyMap<DifferenceRow, readonly Edge[]> {
  const used = new Map<DifferenceRow, Edge[]>();
  for (const edge of graph?.edges ?? []) {
    for (const connection of connectionsOf(edge, base, head)) {
      const row = rowOf(connection);
      if (row === undefined) continue;
      const known = used.get(row) ?? [];
      if (!known.includes(edge)) used.set(row, [...known, edge]);
    }
  }
  return used;
}

function connectionsOf(edge: Edge, base: ReviewWorld, head: ReviewWorld): readonly Connection[] {
  const { client, server, protocol, port } = edge;
  if (!isPolicyProtocol(protocol) || port === undefined) return [];
  const isSelf = client.kind === "workload" && server.kind === "workload" && client.workload === server.workload;
  return [base, head].flatMap((world) => {
    const from = endOf(client, world.podOf);
    const to = endOf(server, isSelf ? world.secondPodOf : world.podOf);
    return from === undefined || to === undefined ? [] : [{ from, to, protocol, port }];
  });
}

function endOf(peer: Peer, pods: ReviewWorld["podOf"]): ConnectionEnd | undefined {
  if (peer.kind === "workload") return pods.get(peer.workload);
  return peer.address === undefined || parseAddress(peer.address) === undefined ? undefined : { ip: peer.address };
}

function rowFinding(row: DifferenceRow, edges: readonly Edge[], context: ChangeContext): CheckFinding {
  const client = endText(row.client, context);
  const server = endText(row.server, context);
  const ports = row.port === row.endPort ? `${row.port}` : `${row.port}-${row.endPort}`;
  const text = `${client} -> ${server} ${ports === "1-65535" ? "every port" : ports}/${row.protocol}`;
  const { direction, policies } = row;
  const [place, ...related] = [
    ...placesOf(context.head, policies.head, direction),
    ...placesOf(context.base, policies.base, direction),
  ];
  const because = reasonFor(row);
  return findingOf({
    ...wordsFor(row, edges, context.graph !== undefined),
    about: text,
    message: `${text}: ${effectOf(row, edges, context.graph !== undefined)}; ${because}`,
    place: place?.place,
    related: related.slice(0, 3),
    ...(edges[0] === undefined ? {} : { evidence: edges[0].evidence }),
    detail: JSON.stringify([row.client.kind, row.server.kind, row.nodes ?? "", direction]),
  });
}

function wordsFor(
  { base, head }: DifferenceRow,
  edges: readonly Edge[],
  hasFlows: boolean,
): Pick<FindingDraft, "code" | "severity" | "choice"> {
  if (head === "denied" && base === "allowed") {
    const severity = hasFlows ? "info" : "warning";
    return {
      code: "change-cuts",
      severity,
      choice: "Nothing to do if the connection is not needed; flows (--flows) would tell who uses it.",
    };
  }
  if (head === "allowed" && base === "denied") {
    const severity = edges.length > 0 ? "info" : "warning";
    return {
      code: "change-opens",
      severity,
      choice: "Make sure that this is meant; nothing that was seen needs it, unless it says so.",
    };
  }
  return {
    code: "change-unclear",
    severity: "info",
    choice: "Say with --profile which network plugin the cluster has, or test it there.",
  };
}

function effectOf({ base, head }: DifferenceRow, edges: readonly Edge[], hasFlows: boolean): string {
  const use = !hasFlows ? "" : edges.length > 0 ? ", and it was seen in use" : ", and nobody was seen using it";
  if (head === "denied" && base === "allowed") return `the change cuts this${use}`;
  if (head === "allowed" && base === "denied") return `the change opens this${use}`;
  return `was ${base}, becomes ${head}${use}`;
}

function reasonFor({ direction, policies, base, head }: DifferenceRow): string {
  const end = direction === "egress" ? "the client" : "the server";
  const opens = head === "allowed" || (base === "denied" && head === "undefined");
  const before = isolation(policies.base);
  const after = isolation(policies.head);
  return `${direction} of ${end}: before ${before}, after ${after}${opens || policies.head.length === 0 ? "" : ", none of which allows it"}`;
}

function isolation(ids: readonly string[]): string {
  return ids.length === 0 ? "not isolated" : `isolated by ${namesOf(ids)}`;
}

function endText(end: DifferenceEnd, { base, head }: ChangeContext): string {
  switch (end.kind) {
    case "pods": {
      const keys = end.pods.map((pod) => head.keyOfPod.get(pod) ?? base.keyOfPod.get(pod) ?? pod);
      const distinct = [...new Set(keys)];
      const more = end.count > end.pods.length ? ` and more (${end.count} pods in all)` : "";
      return `${namesOf(distinct, 5)}${more}`;
    }
    case "nodes":
      return `node ${namesOf(end.nodes)}`;
    case "addresses":
      return namesOf(end.cidrs, 3);
  }
}
