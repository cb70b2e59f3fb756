import { daysOf } from "../lib/days.ts";
import { by } from "../lib/sort.ts";
import type { Completeness } from "../model/completeness.ts";
import type { Evidence, EvidenceKind, Sample } from "../model/evidence.ts";
import type { Finding, Severity } from "../model/finding.ts";
import type { Edge, QuarantineReason } from "../model/graph.ts";
import { clientName } from "../model/inferred.ts";
import { type Peer, peerName } from "../model/peer.ts";
import type { DirectionPolicy, InferredOutcome, Rule, RulePeer, RulePort } from "../model/policy-set.ts";
import type { Suggestion } from "../pipeline.ts";

/** Words that every report uses. What comes from the cluster is raw here: each sink escapes for itself. */

/** `12345` as `12,345`, on every machine. */
export function thousands(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+(?!\d))/gu, ",");
}

/** `1 policy`, `2 policies`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}

/** `1536` as `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ""}`;
}

/** Milliseconds since the epoch as `2026-01-05 08:00`, in UTC. */
export function formatTime(time: number | undefined): string {
  const date = time === undefined ? undefined : new Date(time);
  // A record may carry any number; a Date beyond the year 275760 throws when printed.
  if (date === undefined || Number.isNaN(date.getTime())) return "unknown time";
  return date.toISOString().slice(0, 16).replace("T", " ");
}

/** The day alone: `2026-01-05`. */
export function formatDay(time: number | undefined): string {
  return time === undefined ? "unknown" : formatTime(time).split(" ", 1).join("");
}

/** The window of the observation in one line. */
export function formatWindow(window: { readonly first: number; readonly last: number } | undefined): string {
  if (window === undefined) return "unknown: no record carried a time";
  const { first, last } = window;
  return `${formatTime(first)} to ${formatTime(last)} UTC (${formatSpan(last - first)})`;
}

function formatSpan(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 2) return counted(Math.round(milliseconds / 1000), "second");
  if (minutes < 120) return counted(minutes, "minute");
  const hours = Math.round(minutes / 60);
  return hours < 72 ? counted(hours, "hour") : `${(hours / 24).toFixed(1)} days`;
}

/** `7070/TCP`, or the protocol alone where it has no ports. */
export function formatPort(protocol: string, port: number | undefined): string {
  return port === undefined ? protocol : `${port}/${protocol}`;
}

/** A peer with the DNS names seen for it: `198.51.100.20 (api.bank.example)`. */
export function formatPeer(peer: Peer, names: Readonly<Record<string, readonly string[]>>): string {
  if (peer.kind !== "external" || !Object.hasOwn(names, peer.address)) return peerName(peer);
  const [first, ...rest] = names[peer.address] ?? [];
  if (first === undefined) return peerName(peer);
  return `${peerName(peer)} (${first}${rest.length === 0 ? "" : ` and ${rest.length} more names`})`;
}

/** `shop/frontend -> shop/cart 7070/TCP`. */
export function formatEdge(edge: Pick<Edge, "client" | "server" | "protocol" | "port">): string {
  return `${peerName(edge.client)} -> ${peerName(edge.server)} ${formatPort(edge.protocol, edge.port)}`;
}

/** Traffic that an object promises: `the API server -> cert-manager/webhook 10250/TCP`. */
export function formatPromise({ traffic, client, server }: InferredOutcome): string {
  return `${client ?? clientName(traffic.client)} -> ${server} ${formatPort(traffic.protocol, traffic.port)}`;
}

/** What becomes of promised traffic. `cut` and `allowed` are about the directions that policies close. */
export const OUTCOME_WORDS: Readonly<Record<InferredOutcome["outcome"], string>> = {
  allowed: "allowed by its kind, not seen",
  cut: "would be cut",
  "in-force": "allowed by a policy in force",
  open: "not restricted by these policies",
  seen: "allowed, since it was seen",
};

/** `12 connections: 3 would be cut, 9 not restricted by these policies`. */
export function countPromises(outcomes: readonly InferredOutcome[]): string {
  const parts = (["cut", "allowed", "seen", "in-force", "open"] as const).flatMap((outcome) => {
    const count = outcomes.filter((one) => one.outcome === outcome).length;
    return count === 0 ? [] : [`${thousands(count)} ${OUTCOME_WORDS[outcome]}`];
  });
  return `${counted(outcomes.length, "connection")}: ${parts.join("; ")}`;
}

/** Who a rule lets through: `pods app=cart in shop`, `198.51.100.20/32`, `anyone`. */
export function formatRulePeer(peer: RulePeer): string {
  if (peer.kind === "anyone") return "anyone";
  if (peer.kind === "block") return peer.cidr;
  const labels = Object.entries(peer.labels).map(([key, value]) => `${key}=${value}`);
  return `pods ${labels.join(",")} in ${peer.namespace}`;
}

/** The ports of a rule with what was inferred marked. */
export function formatRulePorts(rule: Pick<Rule, "ports" | "inferred">): string {
  return rule.ports
    .map((port) => {
      const source = inferredBy(port, rule.inferred);
      return source === undefined
        ? formatPort(port.protocol, port.port)
        : `${formatPort(port.protocol, port.port)} (inferred: ${source})`;
    })
    .join(", ");
}

function inferredBy(port: RulePort, inferred: Rule["inferred"]): string | undefined {
  return inferred.find((added) => added.port.port === port.port && added.port.protocol === port.protocol)?.by;
}

/** Days (UTC) on which an edge was seen. */
export function daysActive(evidence: Pick<Evidence, "hours">): number {
  return daysOf(evidence.hours);
}

/** `120`, or `about 120` where the count is an estimate. */
export function formatConnections(evidence: Pick<Evidence, "connections" | "exact">): string {
  return `${evidence.exact ? "" : "about "}${thousands(evidence.connections)}`;
}

/** One example of a connection. */
export function formatSample(sample: Sample): string {
  const node = sample.node === undefined ? "" : ` on ${sample.node}`;
  return `${formatTime(sample.time)} ${sample.client} -> ${sample.server}${node}`;
}

/** What each kind of evidence means. */
export const EVIDENCE_WORDS: Readonly<Record<EvidenceKind, string>> = {
  "policy-verdict": "a verdict on the first packet",
  layer7: "a request a proxy saw",
  trace: "packets from client to server",
  reply: "replies from server to client",
  undirected: "packets to a port known to be listened on",
};

/** Why observations make no edge, in words. */
export const QUARANTINE_WORDS: Readonly<Record<QuarantineReason, string>> = {
  "ambiguous-address": "the address belonged to more than one pod",
  "ambiguous-workload": "the pod fits more than one workload",
  "forwarded-then-dropped": "let through at one point and dropped at another",
  "no-identity": "nothing tells which workload an end is",
  "no-port": "no port was recorded",
  "node-identity-on-overlay": "a node's identity stands where a pod's belongs",
  "service-address": "the address is a Service's and the pod behind it was not seen",
  "unconfirmed-server-port": "nothing confirms which end is the server",
  undirected: "nothing tells which end opened the connection",
};

/** Why a direction is left open, in words. */
export const OPEN_WORDS: Readonly<Record<Extract<DirectionPolicy, { mode: "open" }>["reason"], string>> = {
  unobserved: "left open: nothing was seen in this direction",
  inexpressible: "left open: it has traffic that a NetworkPolicy cannot name",
  covered: "left open here: another policy that selects the same pods says it",
};

export const SEVERITY_WORDS: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "note" };

const SEVERITY_RANK: Readonly<Record<Severity, string>> = { error: "0", warning: "1", info: "2" };

/** Everything a person should know about a suggestion: errors first, each once. */
export function allFindings(
  suggestion: Pick<Suggestion, "accessSuggestion" | "findings" | "policies">,
): readonly Finding[] {
  const { findings, policies, accessSuggestion: roles } = suggestion;
  return sortedFindings([
    ...findings,
    ...policies.findings,
    ...(roles?.findings ?? []),
    ...(roles?.policies.findings ?? []),
  ]);
}

/** Findings by severity, first those that are about everything, each once. */
export function sortedFindings(findings: readonly Finding[]): readonly Finding[] {
  const byKey = new Map(findings.map((finding) => [findingKey(finding), finding]));
  return [...byKey.values()].toSorted(by(findingKey));
}

function findingKey({ severity, about, code, message, choice }: Finding): string {
  const isAboutAll = about === undefined;
  return JSON.stringify([SEVERITY_RANK[severity], isAboutAll ? 0 : 1, code, about ?? "", message, choice ?? ""]);
}

/** `1 error, 2 warnings`; `none` without findings. */
export function countFindings(findings: readonly Finding[]): string {
  const parts = (["error", "warning", "info"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [counted(count, SEVERITY_WORDS[severity])];
  });
  return parts.length === 0 ? "none" : parts.join(", ");
}

/** What a completeness is counted in. */
export interface CompletenessWords {
  readonly one: string;
  readonly many: string;
  readonly traffic: string;
}

const EDGE_WORDS: CompletenessWords = { one: "edge", many: "edges", traffic: "traffic" };

/**
 * How complete the observation is, in plain words: what share of the traffic is known, and how many new edges to
 * expect (facts behind the figures: {@link Completeness}).
 */
export function completenessSentence(completeness: Completeness, words: CompletenessWords = EDGE_WORDS): string {
  const { unit, units, edges, once, estimate } = completeness;
  const { one, many, traffic } = words;
  if (edges === 0) return "Nothing was learned, so nothing can be said about how much was missed.";
  if (estimate === undefined) {
    return `The records fall into ${counted(units, unit)}: too short a time to estimate how much was missed.`;
  }
  if (estimate.uncertain) {
    return `Of ${counted(edges, one, many)} one was seen in a single ${unit}: too little to estimate how much was missed.`;
  }
  if (once === 0) {
    return `Every ${one} was seen in at least two ${unit}s: nothing points to unseen ones, which is no proof that there are none.`;
  }
  const { coverage, horizon, expected, low, high } = estimate;
  return (
    `${formatShare(coverage)} of the ${traffic}, counted by ${unit}s, ${words === EDGE_WORDS ? "runs over edges already seen" : "was seen before"}. ` +
    `In the next ${counted(horizon, unit)} expect ${formatEstimate(expected)} new ${many} ` +
    `(95 % interval ${formatEstimate(low)} to ${formatEstimate(high)}) if the workloads stay as they are.`
  );
}

// Rounding up to 100 % would say more than any observation can.
function formatShare(share: number): string {
  if (share < 0.01) return "Less than 1 %";
  return share > 0.99 ? "More than 99 %" : `About ${Math.floor(share * 100)} %`;
}

function formatEstimate(value: number): string {
  return value >= 10 ? thousands(Math.round(value)) : String(Math.round(value * 10) / 10);
}

/** How many rules a policy set has. */
export function countRules(policies: Suggestion["policies"]): number {
  return policies.policies
    .flatMap(({ ingress, egress }) => [ingress, egress])
    .reduce((sum, direction) => sum + (direction.mode === "isolated" ? direction.rules.length : 0), 0);
}
