import type { CheckFinding, CheckReport } from "../../model/check-finding.ts";
import type { Severity } from "../../model/finding.ts";
import { terminalSentence, terminalText } from "../escape.ts";
import { indented, labelled, paint, type TerminalStyle, type Tone } from "../terminal-layout.ts";
import { counted, countFindings, SEVERITY_WORDS, thousands } from "../wording.ts";
import { evidenceText } from "./evidence.ts";

const TONES: Readonly<Record<Severity, Tone>> = { error: "red", warning: "yellow", info: "cyan" };

/**
 * The report for people: one finding after the other with its place, then what was looked at.
 *
 * @returns text that ends with a line break; nothing of the cluster or of a manifest in it is raw
 */
export function renderCheckText(report: CheckReport, style: TerminalStyle): string {
  const findings = report.findings.flatMap((finding) => [...findingLines(finding, style), ""]);
  return `${[...findings, ...summaryLines(report, style)].join("\n")}\n`;
}

function findingLines(finding: CheckFinding, style: TerminalStyle): readonly string[] {
  const { severity, place, code, message, choice, related, details, evidence } = finding;
  const where = place === undefined ? "" : `${terminalText(place.file)}:${place.line}: `;
  const lead = `${SEVERITY_WORDS[severity]}[${code}]`;
  const [sentence = "", ...excerpt] = message.split("\n");
  const head = indented(style, 2, `${where}${lead}: ${terminalSentence(sentence)}`, "");
  return [
    ...head.map((line) => line.replace(lead, paint(style, ["bold", TONES[severity]], lead))),
    // An excerpt of a file with its caret: nothing of it may move.
    ...excerpt.map((line) => `    ${terminalText(line)}`),
    ...(evidence === undefined ? [] : indented(style, 4, terminalSentence(`seen: ${evidenceText(evidence)}`), "  ")),
    ...(style.verbose ? details : []).flatMap((text) => indented(style, 4, terminalSentence(text), "  - ")),
    ...related.flatMap((other) =>
      indented(style, 4, terminalSentence(`see ${other.place.file}:${other.place.line}: ${other.text}`), "  "),
    ),
    ...(choice === undefined ? [] : indented(style, 5, terminalSentence(choice), "  -> ")),
  ];
}

function summaryLines(report: CheckReport, style: TerminalStyle): readonly string[] {
  const { files, policies, workloads, replayed, skipped, findings, profile, known, uncompared } = report;
  const read = [
    counted(files, "file"),
    counted(policies, "NetworkPolicy", "NetworkPolicies"),
    counted(workloads, "workload"),
  ];
  const total = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  const kinds = [...skipped].map(([kind, count]) => `${terminalText(kind)} (${thousands(count)})`).join(", ");
  const skippedText = style.verbose
    ? kinds
    : `${counted(total, "object")} of ${counted(skipped.size, "kind")} that say nothing about the network (--verbose lists them)`;
  return [
    ...labelled(style, "Checked", `${read.join(", ")}, as ${profile} reads policies`),
    ...(replayed === undefined
      ? []
      : labelled(style, "Replayed", counted(replayed, "connection seen", "connections seen"))),
    ...(total === 0 ? [] : labelled(style, "Skipped", skippedText)),
    ...(uncompared.length === 0 ? [] : labelled(style, "One-sided", uncomparedText(uncompared, style))),
    ...(known === 0
      ? []
      : labelled(style, "Not new", `${counted(known, "warning or note", "warnings and notes")} that the base has too`)),
    ...labelled(style, "Findings", countFindings(findings)),
  ];
}

function uncomparedText(keys: readonly string[], { verbose }: TerminalStyle): string {
  const shown = (verbose ? keys : keys.slice(0, 5)).map(terminalText).join(", ");
  const rest = verbose || keys.length <= 5 ? "" : ` and ${thousands(keys.length - 5)} more`;
  return `${counted(keys.length, "workload")} that only one side of the change has: ${shown}${rest}`;
}
