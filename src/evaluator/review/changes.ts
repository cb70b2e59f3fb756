import type { CheckFinding } from "../../model/check-finding.ts";
import { isPolicyProtocol } from "../../model/flow.ts";
import type { CommunicationGraph, Edge } from "../../model/graph.ts";
import type { Peer } from "../../model/peer.ts";
import type { Difference, DifferenceEnd, DifferenceRow } from "../difference/difference.ts";
import { parseAddress } from "../network/address.ts";
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
 * What a change does to connections nobody was seen using. Rows that are decided at the same pods by the same policies
 * are one finding; what is cut and was seen is left out, it is told with its evidence.
 */
export function changeFindings(difference: Difference, context: ChangeContext): readonly CheckFinding[] {
  const used = usedRows(difference, context);
  const rows = [...difference.cut, ...difference.opened, ...difference.unclear].flatMap((row): readonly UsedRow[] => {
    const edges = used.get(row) ?? [];
    return row.head !== "allowed" && edges.length > 0 ? [] : [{ row, edges }];
  });
  const groups = Map.groupBy(rows, ({ row, edges }) =>
    JSON.stringify([row.base, row.head, row.direction, row.policies, subjectText(row, context), edges.length > 0]),
  );
  return [...groups.values()].map((group) => groupFinding(group, context));
}

interface UsedRow {
  readonly row: DifferenceRow;
  readonly edges: readonly Edge[];
}

/** The end at which a row is decided. */
function subjectText({ direction, client, server }: DifferenceRow, context: ChangeContext): string {
  return endText(direction === "egress" ? client : server, context);
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
  // Its own node reaches a pod whatever policies say.
  if (client.kind === "entity" && client.entity === "host") return [];
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

function groupFinding(group: readonly UsedRow[], context: ChangeContext): CheckFinding {
  const rows = group.map(({ row }) => row);
  const [row] = rows;
  if (row === undefined) throw new Error("a group has rows");
  const edges = group.flatMap((one) => one.edges);
  const { direction, policies } = row;
  const subject = subjectText(row, context);
  const connections = connectionTexts(rows, context);
  const [place, ...related] = [
    ...placesOf(context.head, [...policies.head, ...policies.base], direction),
    ...placesOf(context.base, policies.base, direction),
  ];
  return findingOf({
    ...wordsFor(row, edges, context.graph !== undefined),
    about: subject,
    message: `${effectOf(row, edges, context.graph !== undefined)}: ${namesOf(connections, 2)}; ${direction} of ${subject}: ${reasonFor(row)}`,
    details: connections,
    place: place?.place,
    related: related.slice(0, 3),
    ...(edges[0] === undefined ? {} : { evidence: edges[0].evidence }),
    detail: JSON.stringify([row.base, row.head, direction, policies]),
  });
}

/** One text for each pair of ends, with all its ports: sorted. */
function connectionTexts(rows: readonly DifferenceRow[], context: ChangeContext): readonly string[] {
  const byEnds = Map.groupBy(rows, ({ client, server, nodes }) => {
    const where = nodes === undefined ? "" : ` (${NODE_WORDS[nodes]})`;
    return `${endText(client, context)} -> ${endText(server, context)}${where}`;
  });
  return [...byEnds].map(([ends, own]) => `${ends} on ${portsText(own)}`).toSorted();
}

const NODE_WORDS = {
  own: "on the same node",
  other: "on another node",
  unknown: "if they are on different nodes",
} as const satisfies Readonly<Record<NonNullable<DifferenceRow["nodes"]>, string>>;

function portsText(rows: readonly DifferenceRow[]): string {
  const byPorts = Map.groupBy(rows, ({ port, endPort }) => {
    if (port === 1 && endPort === 65_535) return "every port";
    return port === endPort ? `${port}` : `${port}-${endPort}`;
  });
  const texts = [...byPorts].map(
    ([ports, own]) => `${ports}/${[...new Set(own.map(({ protocol }) => protocol))].toSorted().join("+")}`,
  );
  return namesOf(texts, 6);
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
  const use = !hasFlows
    ? ""
    : edges.length > 0
      ? " what was seen in use though the base denies it"
      : " what nobody was seen using";
  if (head === "denied" && base === "allowed") return `the change cuts${use}`;
  if (head === "allowed" && base === "denied") return `the change opens${use}`;
  return `${base} becomes ${head}${use === "" ? "" : ` for${use}`}`;
}

function reasonFor({ policies, head }: DifferenceRow): string {
  const closes = head === "denied" && policies.head.length > 0;
  return `before ${isolation(policies.base)}, after ${isolation(policies.head)}${closes ? ", none of which allows it" : ""}`;
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
      return addressesText(end.cidrs);
  }
}

function addressesText(cidrs: readonly string[]): string {
  const names = cidrs.map((cidr) => WHOLE_FAMILIES.get(cidr) ?? cidr);
  return `addresses outside the cluster (${namesOf(names)})`;
}

const WHOLE_FAMILIES: ReadonlyMap<string, string> = new Map([
  ["0.0.0.0/0", "all of IPv4"],
  ["::/0", "all of IPv6"],
]);
