import type { Edge } from "../model/graph.ts";
import type { DirectionPolicy, Rule, WorkloadPolicy } from "../model/policy-set.ts";
import { markdownCode } from "./escape.ts";
import { table } from "./markdown-table.ts";
import {
  daysActive,
  formatConnections,
  formatDay,
  formatPeer,
  formatPort,
  formatRulePeer,
  OPEN_WORDS,
} from "./wording.ts";

type Direction = "ingress" | "egress";
type Names = Readonly<Record<string, readonly string[]>>;

/** One policy with the evidence for each of its rules, as a section of level 3. */
export function renderPolicy(policy: WorkloadPolicy, names: Names): string {
  const selector = Object.entries(policy.selector).map(([key, value]) => markdownCode(`${key}=${value}`));
  const rows = [...rowsOf("ingress", policy.ingress, names), ...rowsOf("egress", policy.egress, names)];
  return [
    `### ${markdownCode(`${policy.namespace}/${policy.name}`)}`,
    "",
    `Selects ${selector.join(", ")}: ${policy.workloads.map(markdownCode).join(", ")}.`,
    "",
    ...directionNote("Ingress", policy.ingress),
    ...directionNote("Egress", policy.egress),
    ...(rows.length === 0 ? [] : ["", table(HEADER, rows)]),
  ].join("\n");
}

const HEADER = [
  "Direction",
  "Peer",
  "Allowed as",
  "Port",
  "Connections",
  "First seen",
  "Last seen",
  "Days",
  "Evidence",
];

function directionNote(title: string, direction: DirectionPolicy): readonly string[] {
  if (direction.mode === "open") return [`- ${title}: ${OPEN_WORDS[direction.reason]}.`];
  return direction.rules.length === 0 ? [`- ${title}: closed, nothing was seen.`] : [];
}

function rowsOf(direction: Direction, policy: DirectionPolicy, names: Names): readonly (readonly string[])[] {
  return policy.mode === "open" ? [] : policy.rules.flatMap((rule) => ruleRows(direction, rule, names));
}

function ruleRows(direction: Direction, rule: Rule, names: Names): readonly (readonly string[])[] {
  const allowedAs = rule.peers.map((peer) => markdownCode(formatRulePeer(peer))).join("<br>");
  const inferred = rule.inferred.map(({ port, by }) => [
    direction,
    "",
    allowedAs,
    `${markdownCode(formatPort(port.protocol, port.port))} inferred: ${markdownCode(by)}`,
    "",
    "",
    "",
    "",
    "",
  ]);
  return [...rule.because.map((edge) => edgeRow(direction, edge, allowedAs, names)), ...inferred];
}

function edgeRow(direction: Direction, edge: Edge, allowedAs: string, names: Names): readonly string[] {
  const { evidence } = edge;
  const weak = [...(evidence.passed ? [] : ["not seen arriving"]), ...(evidence.audited ? ["audited only"] : [])];
  return [
    direction,
    markdownCode(formatPeer(direction === "ingress" ? edge.client : edge.server, names)),
    allowedAs,
    markdownCode(formatPort(edge.protocol, edge.port)),
    formatConnections(evidence),
    formatDay(evidence.firstSeen),
    formatDay(evidence.lastSeen),
    String(daysActive(evidence)),
    [...evidence.kinds, ...weak].join(", "),
  ];
}
