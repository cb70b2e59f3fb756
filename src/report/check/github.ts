import type { CheckFinding, CheckReport } from "../../model/check-finding.ts";
import type { Severity } from "../../model/finding.ts";
import { terminalSentence } from "../escape.ts";
import { countFindings } from "../wording.ts";
import { evidenceText } from "./evidence.ts";

const COMMANDS: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "notice" };

/**
 * Workflow commands that GitHub shows as annotations beside the lines (docs.github.com, "Workflow commands"), and a
 * last line for people.
 *
 * @returns text that ends with a line break; no text of a manifest can begin a command of its own
 */
export function renderCheckGithub(report: CheckReport): string {
  const lines = report.findings.map(annotation);
  return `${[...lines, `netlearn check: ${countFindings(report.findings)}`].join("\n")}\n`;
}

function annotation({ severity, code, message, choice, place, evidence }: CheckFinding): string {
  const properties = [
    ...(place === undefined ? [] : [`file=${property(place.file)}`, `line=${place.line}`]),
    `title=${property(`netlearn ${code}`)}`,
  ];
  const seen = evidence === undefined ? "" : ` Seen: ${evidenceText(evidence)}.`;
  const text = `${terminalSentence(message.split("\n", 1).join(""))}.${terminalSentence(seen)}${choice === undefined ? "" : ` ${terminalSentence(choice)}`}`;
  return `::${COMMANDS[severity]} ${properties.join(",")}::${data(text)}`;
}

/** As actions/toolkit's core does (packages/core/src/command.ts, escapeData). */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** As its escapeProperty. */
function property(text: string): string {
  return data(terminalSentence(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
