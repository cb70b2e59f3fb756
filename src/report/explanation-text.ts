import type { DeniedEdge, Edge } from "../model/graph.ts";
import { peerName } from "../model/peer.ts";
import type { Suggestion } from "../pipeline.ts";
import { terminalSentence } from "./escape.ts";
import type { Decision, Direction, ExplainedEdge, Explanation } from "./explanation.ts";
import { labelled, listed, paint, type TerminalStyle } from "./terminal-layout.ts";
import {
  counted,
  daysActive,
  EVIDENCE_WORDS,
  formatConnections,
  formatPeer,
  formatPort,
  formatRulePeer,
  formatRulePorts,
  formatSample,
  formatTime,
  formatWindow,
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
  { graph }: Pick<Suggestion, "graph">,
  asked: string,
  style: TerminalStyle,
): string {
  const blocks = [
    ...listed(style, explanation.edges, (explained) => [...edgeLines(explained, graph.names, style), ""]),
    ...(explanation.edges.length === 0 ? [...unseenLines(explanation, graph.window, asked, style), ""] : []),
    ...listed(style, explanation.denied, (attempt) => [...deniedLines(attempt, style), ""]),
    ...listed(style, explanation.excluded, (edge) => [...excludedLines(edge, style), ""]),
    ...asideLines(explanation, style),
  ];
  return `${blocks.join("\n").trimEnd()}\n`;
}

function edgeLines({ edge, egress, ingress }: ExplainedEdge, names: Names, style: TerminalStyle): readonly string[] {
  const { evidence } = edge;
  const closed = [...egress, ...ingress].some(({ kind }) => kind === "closed");
  const verdict = closed ? paint(style, ["bold", "red"], "not allowed") : paint(style, ["bold", "green"], "allowed");
  const days = daysActive(evidence);
  const seen = [
    `${formatConnections(evidence)} connections`,
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
    ...labelled(style, "  evidence", [...evidence.kinds.map((kind) => EVIDENCE_WORDS[kind]), ...doubts].join("; ")),
    ...evidence.samples.flatMap((sample) => labelled(style, "  sample", terminalSentence(formatSample(sample)))),
  ];
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
    case "no-policy":
      return "no policy was written for this workload";
    case "open":
      return terminalSentence(`${nameOf(decision)}: ${decision.reason}`);
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

function nameOf({ policy }: Extract<Decision, { policy: unknown }>): string {
  return `policy ${policy.namespace}/${policy.name}`;
}

function unseenLines(
  { denied, excluded, unused }: Explanation,
  window: Suggestion["graph"]["window"],
  asked: string,
  style: TerminalStyle,
): readonly string[] {
  const what = denied.length + excluded.length > 0 ? "makes no rule" : "was never seen";
  const openings = unused.map(({ client, server, port, protocol, policy }) =>
    terminalSentence(`${client} -> ${server} ${formatPort(protocol, port)}, by policy ${policy}`),
  );
  return [
    `${paint(style, "bold", terminalSentence(asked))}: ${paint(style, ["bold", "yellow"], what)}`,
    ...labelled(style, "  window", formatWindow(window)),
    ...listed(style, openings, (text) => labelled(style, "  allowed", `${text}, although nobody used it`)),
  ];
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
    ...attempt.samples.flatMap((sample) => labelled(style, "  sample", terminalSentence(formatSample(sample)))),
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

function asideLines({ findings, quarantined }: Explanation, style: TerminalStyle): readonly string[] {
  return [
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
