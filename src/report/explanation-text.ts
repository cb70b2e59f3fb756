import type { Sample } from "../model/evidence.ts";
import type { DeniedEdge, Edge } from "../model/graph.ts";
import { peerName } from "../model/peer.ts";
import type { InferredOutcome, WorkloadPolicy } from "../model/policy-set.ts";
import type { Suggestion } from "../pipeline.ts";
import { formatApiUse } from "./access/wording.ts";
import { terminalSentence } from "./escape.ts";
import type { Decision, Direction, ExplainedEdge, Explanation, Side } from "./explanation.ts";
import { labelled, listed, paint, type TerminalStyle } from "./terminal-layout.ts";
import {
  counted,
  daysActive,
  EVIDENCE_WORDS,
  formatConnections,
  formatPeer,
  formatPort,
  formatPromise,
  formatRulePeer,
  formatRulePorts,
  formatSample,
  formatTime,
  formatWindow,
  OPEN_WORDS,
  OUTCOME_WORDS,
  QUARANTINE_WORDS,
  SEVERITY_WORDS,
} from "./wording.ts";

/**
 * An explanation for a person: each edge with who allows it and what shows that it exists, then what is known about
 * traffic that made no edge.
 *
 * @param asked the question in words, for the case that nothing is known: `shop/a -> shop/b 80/TCP`
 * @returns text that ends with a line break
 */
export function renderExplanation(
  explanation: Explanation,
  { graph, apiUse }: Pick<Suggestion, "apiUse" | "graph">,
  asked: string,
  style: TerminalStyle,
): string {
  const { edges, denied, excluded } = explanation;
  const nothing = edges.length + denied.length + excluded.length === 0;
  const blocks = [
    ...listed(style, edges, (explained) => [
      ...edgeLines(explained, graph.names, style),
      ...apiLines(explained.edge, apiUse, style),
      "",
    ]),
    ...listed(style, denied, (attempt) => [...deniedLines(attempt, style), ""]),
    ...listed(style, excluded, (edge) => [...excludedLines(edge, style), ""]),
    ...(nothing ? [...unseenLines(explanation, graph.window, asked, style), ""] : []),
    ...asideLines(explanation, style),
  ];
  return `${blocks.join("\n").trimEnd()}\n`;
}

function edgeLines({ edge, egress, ingress }: ExplainedEdge, names: Names, style: TerminalStyle): readonly string[] {
  const { evidence } = edge;
  const closed = [...egress, ...ingress].some(({ kind }) => kind === "closed" || kind === "unspeakable");
  const verdict = closed ? paint(style, ["bold", "red"], "not allowed") : paint(style, ["bold", "green"], "allowed");
  const days = daysActive(evidence);
  const seen = [
    `${formatConnections(evidence)} ${evidence.connections === 1 ? "connection" : "connections"}`,
    ...(days === 0 ? [] : [`on ${counted(days, "day")}`]),
    ...(evidence.firstSeen === undefined
      ? []
      : [`from ${formatTime(evidence.firstSeen)} to ${formatTime(evidence.lastSeen)} UTC`]),
  ];
  const doubts = [
    ...(evidence.passed ? [] : ["nothing shows that packets reached the server"]),
    ...(evidence.audited ? ["a policy in audit mode would have dropped it"] : []),
  ];
  return [
    `${headline(edge, names, style)}: ${verdict}`,
    ...egress.flatMap((decision) => labelled(style, "  egress", decisionText(decision, "egress"))),
    ...ingress.flatMap((decision) => labelled(style, "  ingress", decisionText(decision, "ingress"))),
    ...labelled(style, "  seen", seen.join(" ")),
    ...(edge.services ?? []).flatMap((service) => labelled(style, "  called", terminalSentence(calledText(service)))),
    ...labelled(style, "  evidence", [...evidence.kinds.map((kind) => EVIDENCE_WORDS[kind]), ...doubts].join("; ")),
    ...sampleLines(evidence.samples, style),
  ];
}

/** Whether the audit log shows that a connection to the API server is needed. */
function apiLines({ client, server }: Edge, apiUse: Suggestion["apiUse"], style: TerminalStyle): readonly string[] {
  if (client.kind !== "workload" || server.kind !== "entity" || server.entity !== "kube-apiserver") return [];
  const use = apiUse.get(client.workload);
  return use === undefined ? [] : labelled(style, "  API", terminalSentence(formatApiUse(use)));
}

function calledText(service: string): string {
  return `Service ${service}, which may send it to any pod behind it`;
}

// Both nodes of a connection report it, and to the minute these are the same line.
function sampleLines(samples: readonly Sample[], style: TerminalStyle): readonly string[] {
  const texts = new Set(samples.map((sample) => terminalSentence(formatSample(sample))));
  return [...texts].flatMap((text) => labelled(style, "  sample", text));
}

type Names = Readonly<Record<string, readonly string[]>>;

function headline(
  edge: Pick<Edge, "client" | "server" | "protocol" | "port">,
  names: Names,
  style: TerminalStyle,
): string {
  const text = `${formatPeer(edge.client, names)} -> ${formatPeer(edge.server, names)} ${formatPort(edge.protocol, edge.port)}`;
  return paint(style, "bold", terminalSentence(text));
}

function decisionText(decision: Decision, direction: Direction): string {
  switch (decision.kind) {
    case "no-workload":
      return `the ${direction === "egress" ? "client" : "server"} is no workload of the cluster, so no policy speaks for it`;
    case "own-node":
      return "no policy stops what a pod's own node sends";
    case "no-policy":
      return "no policy was written for this workload";
    case "open":
      return terminalSentence(`${nameOf(decision)}: ${decision.reason}`);
    case "unspeakable":
      return terminalSentence(
        `${nameOf(decision)}: closed, and a NetworkPolicy has no word for this protocol; most implementations drop it`,
      );
    case "closed":
      return terminalSentence(`${nameOf(decision)}: no rule allows it`);
    case "allowed": {
      const { rule, number } = decision;
      const peers = rule.peers.map(formatRulePeer);
      const shown =
        peers.length <= 3 ? peers.join("; ") : `${peers.slice(0, 3).join("; ")} and ${peers.length - 3} more`;
      const way = direction === "egress" ? "to" : "from";
      return terminalSentence(
        `${nameOf(decision)}, ${direction} rule ${number}: ${way} ${shown} on ${formatRulePorts(rule)}`,
      );
    }
  }
}

function nameOf({ policy }: { readonly policy: WorkloadPolicy }): string {
  return `policy ${policy.namespace}/${policy.name}`;
}

function unseenLines(
  { sides }: Explanation,
  window: Suggestion["graph"]["window"],
  asked: string,
  style: TerminalStyle,
): readonly string[] {
  return [
    `${paint(style, "bold", terminalSentence(asked))}: ${paint(style, ["bold", "yellow"], "never seen")}`,
    ...labelled(style, "  window", formatWindow(window)),
    ...listed(style, sides, (side) => labelled(style, `  ${side.direction}`, terminalSentence(sideText(side)))),
  ];
}

function sideText({ peer, policies }: Side): string {
  if (policies.length === 0) return `no policy was written for ${peer}`;
  return policies
    .map(({ policy, does }) => {
      if (does.mode === "open") return `${nameOf({ policy })}: ${OPEN_WORDS[does.reason]}`;
      return `${nameOf({ policy })}: closed but for ${counted(does.rules.length, "rule")}`;
    })
    .join("; ");
}

function deniedLines(attempt: DeniedEdge, style: TerminalStyle): readonly string[] {
  const by = attempt.byPolicy ? "a policy refused it" : "the datapath dropped it, no policy did";
  const way = attempt.byPolicy
    ? labelled(style, "  choice", terminalSentence(`if it is wanted: --allow-denied '${patternFor(attempt)}'`))
    : [];
  return [
    `${headline(attempt, {}, style)}: ${paint(style, ["bold", "red"], "refused")}`,
    ...labelled(style, "  why", terminalSentence(`${by} (${attempt.reason})`)),
    ...labelled(
      style,
      "  seen",
      `${counted(attempt.connections, "attempt")} from ${formatTime(attempt.firstSeen)} to ${formatTime(attempt.lastSeen)} UTC`,
    ),
    ...way,
    ...sampleLines(attempt.samples, style),
  ];
}

// As graph/edge-pattern.ts reads it: a port after an IPv6 address needs brackets around the address.
function patternFor({ client, server, port }: DeniedEdge): string {
  const name = peerName(server);
  const end = port === undefined ? name : `${name.includes(":") ? `[${name}]` : name}:${port}`;
  return `${peerName(client)}->${end}`;
}

function excludedLines(edge: Edge, style: TerminalStyle): readonly string[] {
  return [
    `${headline(edge, {}, style)}: ${paint(style, ["bold", "yellow"], "excluded")}`,
    ...labelled(
      style,
      "  why",
      `an --exclude pattern leaves it out; ${formatConnections(edge.evidence)} connections were seen`,
    ),
  ];
}

function promiseText(one: InferredOutcome): string {
  const { outcome, directions, traffic } = one;
  const where = directions.length === 0 ? "" : ` (${directions.join(", ")})`;
  const way = outcome === "cut" ? `; --allow ${traffic.kind} lets it through` : "";
  return `${formatPromise(one)}, inferred from ${traffic.object}: ${OUTCOME_WORDS[outcome]}${where}${way}`;
}

function asideLines(explanation: Explanation, style: TerminalStyle): readonly string[] {
  const { findings, promised, quarantined, unused } = explanation;
  return [
    ...listed(style, promised, (one) => labelled(style, "Promised", terminalSentence(promiseText(one)))),
    ...listed(style, unused, ({ client, server, port, protocol, policy }) => {
      const opening = `${client} -> ${server} ${formatPort(protocol, port)}`;
      return labelled(
        style,
        "Unused",
        terminalSentence(
          client === "anyone"
            ? `${server} ${formatPort(protocol, port)} may be reached by anyone, seen or not, by policy ${policy}`
            : `${opening} is allowed by policy ${policy}, and nobody used it`,
        ),
      );
    }),
    ...listed(style, quarantined, ({ reason, sample }) =>
      labelled(style, "Uncertain", terminalSentence(`${sample}: ${QUARANTINE_WORDS[reason]}`)),
    ),
    ...listed(style, findings, ({ severity, message, choice }) =>
      labelled(
        style,
        "Finding",
        terminalSentence(`${SEVERITY_WORDS[severity]}: ${message}${choice === undefined ? "" : ` (${choice})`}`),
      ),
    ),
  ];
}
