import type { Finding, Severity } from "../model/finding.ts";
import type { Learned, Suggestion } from "../pipeline.ts";
import { accessReadLines, rolesLines } from "./access/summary.ts";
import { terminalSentence, terminalText } from "./escape.ts";
import { indented, labelled, listed, paint, section, type TerminalStyle, type Tone } from "./terminal-layout.ts";
import {
  allFindings,
  completenessSentence,
  counted,
  countFindings,
  countPromises,
  countRules,
  formatBytes,
  formatWindow,
  QUARANTINE_WORDS,
  SEVERITY_WORDS,
  sortedFindings,
  thousands,
} from "./wording.ts";

/**
 * What a run did, for a person at a terminal: what was read and what became of it, what was learned, how complete
 * it is, what the proof says, and the findings.
 *
 * @returns lines within the style's width, without a line break at the end
 */
export function renderSummary(suggestion: Suggestion, style: TerminalStyle): string {
  const { policies } = suggestion;
  const denies =
    policies.denies.length === 0 ? "" : `, ${counted(policies.denies.length, "default-deny", "default-denies")}`;
  const suggested = `${counted(policies.policies.length, "policy", "policies")} with ${counted(countRules(policies), "rule")}${denies}`;
  const aboutFlows = hasFlows(suggestion)
    ? [
        ...labelled(style, "Suggested", suggested),
        ...promisedLines(suggestion, style),
        ...proofLines(suggestion, style),
      ]
    : [];
  return [
    ...readingLines(suggestion, style),
    ...learnedLines(suggestion, style),
    ...aboutFlows,
    ...rolesLines(suggestion, style),
    ...findingLines(allFindings(suggestion), style),
  ].join("\n");
}

/** The part of {@link renderSummary} that does not depend on policies, for `netlearn graph`. */
export function renderLearned(learned: Learned, style: TerminalStyle): string {
  return [
    ...readingLines(learned, style),
    ...learnedLines(learned, style),
    ...findingLines(sortedFindings(learned.findings), style),
  ].join("\n");
}

/** What was read, and who used the API, for `netlearn access`. */
export function renderReviewed(learned: Learned, findings: readonly Finding[], style: TerminalStyle): string {
  return [...readingLines(learned, style), ...learnedLines(learned, style), ...findingLines(findings, style)].join(
    "\n",
  );
}

/** False for audit logs alone: then nothing is said about flows. */
function hasFlows({ graph, reading, access }: Pick<Learned, "access" | "graph" | "reading">): boolean {
  return graph.facts.records > 0 || reading.records > 0 || access.facts.events === 0;
}

/** The part of {@link renderLearned} that is left to say when nothing was found. */
export function renderReading(learned: Learned, style: TerminalStyle): string {
  return readingLines(learned, style).join("\n");
}

/** What must be seen even when everything else is silenced: inputs lost, and findings that are no mere notes. */
export function renderWarnings({ reading }: Learned, findings: readonly Finding[], style: TerminalStyle): string {
  const serious = findings.filter(({ severity }) => severity !== "info");
  const lines = [
    ...unreadableLines(reading, style),
    ...section(style, "Rejected", "records not understood", rejectedRows(reading)),
    ...listed(style, serious, (finding) => findingRow(finding, style)),
  ];
  return lines.join("\n");
}

function unreadableLines({ unreadable }: Learned["reading"], style: TerminalStyle): readonly string[] {
  return unreadable.flatMap(({ source, message }) =>
    labelled(style, "Unreadable", terminalSentence(`${source}: ${message}`)).map((line) => paint(style, "red", line)),
  );
}

function rejectedRows({ rejected }: Learned["reading"]): readonly { readonly count: number; readonly text: string }[] {
  return rejected.map(({ reason, count, sample }) => {
    const line = sample.place.line === undefined ? "" : `:${sample.place.line}`;
    return { count, text: terminalSentence(`${reason}: ${sample.place.source}${line}: ${sample.detail}`) };
  });
}

function readingLines(learned: Learned, style: TerminalStyle): readonly string[] {
  const { reading, graph } = learned;
  const read = `${counted(reading.sources, "source")}, ${formatBytes(reading.bytes)}, ${counted(reading.lines, "line")}`;
  const used = `${thousands(reading.used)} of ${counted(reading.records, "flow record")}`;
  const setAside = rowsOf(reading.setAside);
  const other = rowsOf(reading.otherEvents);
  const rejected = rejectedRows(reading);
  const uncertain = graph.quarantine.map(({ reason, pairs }) => ({ count: pairs, text: QUARANTINE_WORDS[reason] }));
  return [
    ...(reading.sources === 0 && reading.remembered.length > 0 ? [] : labelled(style, "Read", read)),
    ...reading.remembered.flatMap(({ source, records, events }) => {
      const audit = events === 0 ? "" : ` and ${counted(events, "audit event")}`;
      return labelled(style, "Remembered", terminalSentence(`${counted(records, "flow record")}${audit} of ${source}`));
    }),
    ...unreadableLines(reading, style),
    ...objectLines(learned, style),
    ...(hasFlows(learned) ? labelled(style, "Used", used) : []),
    ...section(style, "Set aside", counted(total(setAside), "record"), setAside),
    ...section(style, "Uncertain", `${counted(total(uncertain), "pair")}, in no policy`, uncertain),
    ...section(style, "Rejected", `${counted(total(rejected), "record")} not understood`, rejected),
    ...(style.verbose ? section(style, "No flow", counted(total(other), "record"), other) : []),
  ];
}

function objectLines({ objects }: Learned, style: TerminalStyle): readonly string[] {
  if (objects === undefined) return [];
  const { workloads, services, policies } = objects;
  const kinds = [
    counted(workloads, "workload"),
    counted(services, "Service"),
    counted(policies, "NetworkPolicy", "NetworkPolicies"),
  ];
  return labelled(style, "Objects", `${counted(objects.objects, "object")} of the cluster: ${kinds.join(", ")}`);
}

function learnedLines({ graph, completeness, ...rest }: Learned, style: TerminalStyle): readonly string[] {
  const namespaces = new Set(graph.workloads.map(({ namespace }) => namespace)).size;
  const denied = graph.denied.length === 0 ? "" : `, ${counted(graph.denied.length, "denied attempt")}`;
  const learned = `${counted(graph.workloads.length, "workload")} in ${counted(namespaces, "namespace")}, ${counted(graph.edges.length, "edge")}${denied}`;
  const aboutFlows = [
    ...labelled(style, "Window", formatWindow(graph.window)),
    ...labelled(style, "Learned", learned),
    ...labelled(style, "Complete", completenessSentence(completeness)),
  ];
  return [...(hasFlows({ graph, ...rest }) ? aboutFlows : []), ...accessReadLines(rest, style)];
}

function promisedLines({ policies: { inferred } }: Suggestion, style: TerminalStyle): readonly string[] {
  if (inferred.length === 0) return [];
  return labelled(style, "Promised", `by the cluster's objects: ${countPromises(inferred)}`);
}

function proofLines({ proof, excluded }: Suggestion, style: TerminalStyle): readonly string[] {
  const sound = proof.cut.length === 0 && proof.allowed === proof.checked;
  const parts = [
    `${thousands(proof.allowed)} of ${counted(proof.checked, "observed edge")} ${proof.checked === 1 ? "passes" : "pass"}`,
    proof.needless.length === 0 ? "no rule is needless" : counted(proof.needless.length, "needless rule"),
    ...(proof.promised.checked === 0
      ? []
      : [
          `${thousands(proof.promised.checked - refusedPromises(proof))} of ${counted(proof.promised.checked, "promised connection")} pass`,
        ]),
    `${counted(proof.unused.length, "opening")} nobody used`,
    ...(excluded.length === 0 ? [] : [`${counted(excluded.length, "edge")} left out by --exclude`]),
  ];
  const [label = "", ...rest] = labelled(style, "Proof", parts.join("; "));
  return [sound ? label : paint(style, "red", label), ...rest];
}

function refusedPromises({ promised }: Suggestion["proof"]): number {
  return new Set(promised.refused.map(({ traffic }) => traffic)).size;
}

const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = { error: "red", warning: "yellow", info: "cyan" };

function findingLines(findings: readonly Finding[], style: TerminalStyle): readonly string[] {
  if (findings.length === 0) return labelled(style, "Findings", "none");
  return [
    ...labelled(style, "Findings", countFindings(findings)),
    ...listed(style, findings, (finding) => findingRow(finding, style)),
  ];
}

function findingRow({ severity, about, message, choice }: Finding, style: TerminalStyle): readonly string[] {
  const lead = `${SEVERITY_WORDS[severity]}:`;
  const subject = about === undefined || message.includes(about) ? "" : `${about}: `;
  const [first = "", ...rest] = indented(style, 4, terminalSentence(`${lead} ${subject}${message}`), "  ");
  return [
    first.replace(lead, paint(style, SEVERITY_TONES[severity], lead)),
    ...rest,
    ...(choice === undefined ? [] : indented(style, 7, terminalSentence(choice), "    -> ")),
  ];
}

function rowsOf(
  counts: Readonly<Record<string, number>>,
): readonly { readonly count: number; readonly text: string }[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => ({ count, text: terminalText(reason) }))
    .toSorted((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
}

function total(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}
