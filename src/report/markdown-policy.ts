import type { Edge } from "../model/graph.ts";
import { clientName, type InferredTraffic } from "../model/inferred.ts";
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
  const blocks = [
    `### ${markdownCode(`${policy.namespace}/${policy.name}`)}`,
    `Selects ${selector.join(", ")}: ${policy.workloads.map(markdownCode).join(", ")}.`,
    [...ruleList("ingress", policy.ingress), ...ruleList("egress", policy.egress)].join("\n"),
    ...(rows.length === 0 ? [] : [table(HEADER, rows)]),
  ];
  return blocks.join("\n\n");
}

const HEADER = ["Rule", "Peer", "Port", "Connections", "First seen", "Last seen", "Days", "Evidence"];

function ruleList(direction: Direction, policy: DirectionPolicy): readonly string[] {
  if (policy.mode === "open") return [`- ${direction}: ${OPEN_WORDS[policy.reason]}`];
  if (policy.rules.length === 0) return [`- ${direction}: closed; nothing was seen`];
  return policy.rules.map((rule, index) => {
    const { peers, ports } = rule;
    const shown = peers.slice(0, MOST_PEERS).map((peer) => markdownCode(formatRulePeer(peer)));
    const hidden = peers.length - shown.length;
    const more = hidden === 0 ? "" : ` and ${hidden} more`;
    const allowed = ports.map(({ protocol, port }) => markdownCode(formatPort(protocol, port)));
    return `- ${direction} ${index + 1}: ${direction === "ingress" ? "from" : "to"} ${shown.join(", ")}${more} on ${allowed.join(", ")}${promisedNote(rule)}`;
  });
}

const MOST_PEERS = 30;

/** For a rule of which not all was seen. */
function promisedNote({ because, promised }: Rule): string {
  if (promised.length === 0) return "";
  const share = because.length === 0 ? "not seen, inferred" : "partly inferred";
  return `; ${share} from ${promisingObjects(promised)}`;
}

/** The objects that promise something, the first few by name. */
export function promisingObjects(promised: Rule["promised"]): string {
  const objects = [...new Set(promised.map(({ object }) => object))];
  const more = objects.length > MOST_OBJECTS ? ` and ${objects.length - MOST_OBJECTS} more` : "";
  return `${objects.slice(0, MOST_OBJECTS).map(markdownCode).join(", ")}${more}`;
}

const MOST_OBJECTS = 3;

function rowsOf(direction: Direction, policy: DirectionPolicy, names: Names): readonly (readonly string[])[] {
  if (policy.mode === "open") return [];
  return policy.rules.flatMap((rule, index) => ruleRows(direction, rule, `${direction} ${index + 1}`, names));
}

function ruleRows(direction: Direction, rule: Rule, title: string, names: Names): readonly (readonly string[])[] {
  const inferred = rule.inferred.map(({ port, by }) => [
    title,
    `not seen; inferred by ${markdownCode(by)}`,
    markdownCode(formatPort(port.protocol, port.port)),
    "",
    "",
    "",
    "",
    "",
  ]);
  return [
    ...rule.because.map((edge) => [title, ...edgeCells(direction, edge, names)]),
    ...inferred,
    ...promisedRows(direction, rule, title),
  ];
}

/** One row for each connection, however many objects promise it. */
function promisedRows(direction: Direction, { promised }: Rule, title: string): readonly (readonly string[])[] {
  const ends = ({ client, server, protocol, port }: InferredTraffic): readonly [string, string] => {
    const peer = direction === "ingress" ? clientName(client) : `${server.namespace}/${server.name}`;
    return [markdownCode(peer), markdownCode(formatPort(protocol, port))];
  };
  const groups = Map.groupBy(promised, (traffic) => JSON.stringify(ends(traffic)));
  return [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map((traffic) => {
      return [title, ...ends(traffic), "not seen", "", "", "", `inferred from ${promisingObjects(group)}`];
    }),
  );
}

function edgeCells(direction: Direction, edge: Edge, names: Names): readonly string[] {
  const { evidence } = edge;
  const weak = [...(evidence.passed ? [] : ["not seen arriving"]), ...(evidence.audited ? ["audited only"] : [])];
  return [
    markdownCode(formatPeer(direction === "ingress" ? edge.client : edge.server, names)),
    markdownCode(formatPort(edge.protocol, edge.port)),
    formatConnections(evidence),
    formatDay(evidence.firstSeen),
    formatDay(evidence.lastSeen),
    String(daysActive(evidence)),
    [...evidence.kinds, ...weak].join(", "),
  ];
}
