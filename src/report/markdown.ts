import type { Finding } from "../model/finding.ts";
import type { Suggestion } from "../pipeline.ts";
import { rolesSections, rolesVerdict } from "./access/markdown-roles.ts";
import { formatApiUse } from "./access/wording.ts";
import { markdownCode, markdownText } from "./escape.ts";
import { viewGraph } from "./graph-view.ts";
import { promisingObjects, renderPolicy } from "./markdown-policy.ts";
import { table } from "./markdown-table.ts";
import { renderMermaid } from "./mermaid.ts";
import {
  allFindings,
  completenessSentence,
  counted,
  countFindings,
  countPromises,
  countRules,
  formatBytes,
  formatEdge,
  formatPort,
  formatPromise,
  formatTime,
  formatWindow,
  OUTCOME_WORDS,
  QUARANTINE_WORDS,
  SEVERITY_WORDS,
  thousands,
} from "./wording.ts";

/**
 * The report a reviewer reads beside the policies: the verdict first, then what it rests on, then every rule with
 * its evidence. Equal suggestions give equal text.
 *
 * @returns GitHub Flavored Markdown that ends with a line break; all text from the cluster is escaped
 */
export function renderMarkdown(suggestion: Suggestion): string {
  const title = hasFlows(suggestion)
    ? suggestion.accessSuggestion === undefined
      ? "# Network policies: what was learned"
      : "# Network policies and roles: what was learned"
    : "# Roles: what was learned";
  const sections = [
    [title, verdict(suggestion)],
    ...(hasFlows(suggestion) ? [] : [["## Findings", findings(allFindings(suggestion))]]),
    ...(hasFlows(suggestion) ? networkSections(suggestion) : []),
    ...rolesSections(suggestion),
  ];
  return `${sections.flat().join("\n\n")}\n`;
}

/** False for audit logs alone: then nothing is said about flows. */
function hasFlows({ graph, reading, access }: Suggestion): boolean {
  return graph.facts.records > 0 || reading.records > 0 || access.facts.events === 0;
}

function networkSections(suggestion: Suggestion): readonly (readonly string[])[] {
  return [
    ["## How much was seen", observation(suggestion)],
    ["## Who talks to whom", picture(suggestion)],
    ["## Findings", findings(allFindings(suggestion))],
    ["## Policies and their evidence", policies(suggestion)],
    ...promisedSection(suggestion),
    ...apiSection(suggestion),
    ["## Refused attempts", denied(suggestion)],
    ["## Allowed beyond what was seen", unused(suggestion)],
    ["## Set aside", setAside(suggestion)],
    ["## How to read this", suggestion.policies.inferred.length === 0 ? LEGEND : `${LEGEND}\n${PROMISED_LEGEND}`],
  ];
}

function verdict(suggestion: Suggestion): string {
  const { policies: set, proof, graph } = suggestion;
  const all = allFindings(suggestion);
  const headline = proof.cut.length > 0 ? CUT : all.some(isError) ? ERRORS : all.some(isWarning) ? WARNINGS : FINE;
  const namespaces = new Set(set.policies.map(({ namespace }) => namespace)).size;
  const denies = set.denies.length === 0 ? "" : ` and ${counted(set.denies.length, "default-deny", "default-denies")}`;
  const seen =
    proof.cut.length === 0
      ? `${thousands(proof.allowed)} of ${counted(proof.checked, "observed edge")} a NetworkPolicy can speak about stay allowed, replayed in both directions.`
      : `${counted(proof.cut.length, "observed edge")} of ${thousands(proof.checked)} would be cut.`;
  const aboutFlows = [
    `- ${counted(set.policies.length, "policy", "policies")} with ${counted(countRules(set), "rule")}${denies}, in ${counted(namespaces, "namespace")}.`,
    `- ${seen}`,
    `- Window: ${formatWindow(graph.window)}.`,
  ];
  return [
    `**${headline}**`,
    "",
    ...(hasFlows(suggestion) ? aboutFlows : []),
    ...rolesVerdict(suggestion),
    `- Findings: ${countFindings(all)}.`,
  ].join("\n");
}

const CUT = "Do not merge: traffic that was seen would be cut.";
const ERRORS = "Do not merge yet: some findings below say that this would break or open something.";
const WARNINGS = "Look at the warnings below before merging. Nothing that was seen would be cut.";
const FINE = "Nothing that was seen would be cut.";

function isError({ severity }: Finding): boolean {
  return severity === "error";
}

function isWarning({ severity }: Finding): boolean {
  return severity === "warning";
}

function observation({ reading, graph, completeness }: Suggestion): string {
  const { facts } = graph;
  const gaps = [
    ...(facts.lostEvents === 0 ? [] : [`the source reported ${counted(facts.lostEvents, "lost event")}`]),
    ...(facts.unavailableNodes.length === 0
      ? []
      : [`nothing was heard from ${facts.unavailableNodes.map(markdownCode).join(", ")}`]),
    ...(reading.unreadable.length === 0
      ? []
      : [`${counted(reading.unreadable.length, "input")} could not be read to the end`]),
  ];
  return [
    completenessSentence(completeness),
    "",
    `- ${readText(reading)} from ${counted(facts.nodes.length, "node")}; ${thousands(reading.used)} of ${counted(reading.records, "flow record")} used.`,
    `- ${counted(graph.workloads.length, "workload")}, ${counted(graph.edges.length, "edge")}, ${counted(graph.denied.length, "refused attempt")}.`,
    `- Known gaps: ${gaps.length === 0 ? "none reported" : gaps.join("; ")}.`,
    "- Traffic that did not happen in the window (monthly jobs, failover, a restore) is not in these policies.",
  ].join("\n");
}

function picture({ graph }: Suggestion): string {
  const notes = viewGraph(graph)
    .collapsed.map((note) => `\n\n${markdownText(note)}`)
    .join("");
  return `\`\`\`mermaid\n${renderMermaid(graph)}\`\`\`${notes}`;
}

function findings(all: readonly Finding[]): string {
  if (all.length === 0) return "None.";
  return all
    .map(({ severity, code, about, message, choice }) => {
      const subject = about === undefined || message.includes(about) ? "" : `${markdownCode(about)}: `;
      const way = choice === undefined ? "" : `\n  - Choice: ${markdownText(choice)}`;
      return `- **${SEVERITY_WORDS[severity]}** (${markdownCode(code)}) ${subject}${markdownText(message)}${way}`;
    })
    .join("\n");
}

function policies({ policies: set, graph }: Suggestion): string {
  const parts = set.policies.map((policy) => renderPolicy(policy, graph.names));
  const denies = set.denies.map(
    ({ namespace, name }) =>
      `### ${markdownCode(`${namespace}/${name}`)}\n\nCloses every pod of the namespace that no policy speaks for.`,
  );
  return [...parts, ...denies].join("\n\n") || "None.";
}

/** Only where objects were read: without them nothing is known to be promised. */
function promisedSection({ policies: { inferred } }: Suggestion): readonly (readonly string[])[] {
  if (inferred.length === 0) return [];
  const groups = Map.groupBy(
    inferred.filter(({ outcome }) => outcome === "cut" || outcome === "allowed"),
    (one) => JSON.stringify([one.traffic.kind, formatPromise(one), one.outcome]),
  );
  const rows = [...groups.values()].flatMap((group) =>
    group
      .slice(0, 1)
      .map((one) => [
        markdownCode(formatPromise(one)),
        promisingObjects(group.map(({ traffic }) => traffic)),
        `${OUTCOME_WORDS[one.outcome]} (${one.directions.join(", ")})`,
        one.outcome === "cut" ? markdownCode(`--allow ${one.traffic.kind}`) : "",
      ]),
  );
  const listed = rows.length === 0 ? [] : ["", table(["Promised", "By", "What becomes of it", "Choice"], rows)];
  const text = [`The cluster's objects promise ${countPromises(inferred)}.`, ...listed].join("\n");
  return [["## Promised by the cluster's objects", text]];
}

/** Which workloads need the API server, where an audit log tells. */
function apiSection({ apiUse }: Suggestion): readonly (readonly string[])[] {
  if (apiUse.size === 0) return [];
  const rows = [...apiUse].map(([workload, use]) => [markdownCode(workload), markdownText(formatApiUse(use))]);
  return [["## Who needs the API server", table(["Workload", "Egress to the API server"], rows)]];
}

function denied({ graph }: Suggestion): string {
  if (graph.denied.length === 0) return "None were recorded.";
  const rows = graph.denied.map((attempt) => [
    markdownCode(formatEdge(attempt)),
    markdownCode(attempt.reason),
    attempt.byPolicy ? "a policy" : "the datapath",
    thousands(attempt.connections),
    formatTime(attempt.firstSeen),
    formatTime(attempt.lastSeen),
  ]);
  return [
    "Refused traffic is not wanted traffic: none of it is allowed, unless `--allow-denied` names it.",
    "",
    table(["Attempt", "Reason", "Refused by", "Connections", "First seen (UTC)", "Last seen (UTC)"], rows),
  ].join("\n");
}

function unused({ proof }: Suggestion): string {
  if (proof.unused.length === 0)
    return "Nothing: every pair of known workloads the policies let through was seen talking.";
  const rows = proof.unused.map(({ client, server, port, protocol, policy }) => [
    markdownCode(`${client} -> ${server} ${formatPort(protocol, port)}`),
    markdownCode(policy),
  ]);
  return [
    "The policies let these pairs through although nobody used them, because a selector, a shared rule or an inferred port covers them.",
    "",
    table(["Allowed, not seen", "By policy"], rows),
  ].join("\n");
}

function setAside({ reading, graph, excluded }: Suggestion): string {
  const records = Object.entries(reading.setAside).map(([reason, count]) => [
    markdownText(reason),
    thousands(count),
    "",
  ]);
  const uncertain = graph.quarantine.map(({ reason, pairs, samples }) => [
    `uncertain: ${QUARANTINE_WORDS[reason]}`,
    counted(pairs, "pair"),
    samples.map(markdownCode).join("<br>"),
  ]);
  const rejected = reading.rejected.map(({ reason, count, sample: { place, detail } }) => [
    `not understood: ${reason}`,
    thousands(count),
    `${markdownCode(place.line === undefined ? place.source : `${place.source}:${place.line}`)}: ${markdownText(detail)}`,
  ]);
  const unreadable = reading.unreadable.map(({ source, message }) => [
    "input not read to its end",
    "",
    `${markdownCode(source)}: ${markdownText(message)}`,
  ]);
  const left = excluded.map((edge) => ["left out by --exclude", "1 edge", markdownCode(formatEdge(edge))]);
  const rows = [...records, ...uncertain, ...rejected, ...unreadable, ...left];
  return rows.length === 0 ? "Nothing: every record was used." : table(["What and why", "How many", "Examples"], rows);
}

const LEGEND = `- An *edge* is a client that opens connections to a port of a server. Replies belong to the connection and need no rule of their own.
- Each observed edge between workloads needs two rules: egress at the client and ingress at the server.
- *Connections* counts distinct connections, each once a day; *days* are days (UTC) on which the edge was seen. An edge seen on one day only deserves a second look.
- *Evidence*: \`policy-verdict\` and \`layer7\` show the first packet or the request itself, \`trace\` and \`reply\` packets on their way; \`undirected\` is the weakest.
- A direction that is *left open* is not restricted by these policies at all.
- *Inferred* ports were not seen; a named rule of netlearn added them.`;

const PROMISED_LEGEND =
  "- What is *inferred from* an object was promised by it and not seen; `--allow` turned the rule on.";

function readText({ sources, bytes, remembered }: Suggestion["reading"]): string {
  const memories = remembered.map(({ source }) => markdownCode(source));
  const read = sources === 0 && memories.length > 0 ? [] : [`${counted(sources, "source")} (${formatBytes(bytes)})`];
  return [...read, ...memories].join(", ");
}
