import type { CheckFinding, CheckReport } from "../../model/check-finding.ts";

/**
 * The report for machines: one JSON object. Control, invisible and bidirectional characters are escaped, so that it
 * may be shown on a terminal.
 *
 * @returns text that ends with a line break
 */
export function renderCheckJson(report: CheckReport): string {
  const { findings, skipped, replayed, ...counts } = report;
  const shown = {
    ...counts,
    replayed: replayed ?? null,
    skipped: Object.fromEntries(skipped),
    findings: findings.map(findingJson),
  };
  return `${safeJson(shown, 2)}\n`;
}

/** Key order is part of the format: equal reports are equal texts. */
function findingJson(finding: CheckFinding): unknown {
  const { code, severity, about, message, choice, place, related, details, evidence } = finding;
  const [sentence, ...excerpt] = message.split("\n");
  return {
    code,
    severity,
    about,
    message: sentence,
    ...(excerpt.length === 0 ? {} : { excerpt: excerpt.join("\n") }),
    choice,
    file: place?.file,
    line: place?.line,
    related: related.map(({ place: at, text }) => ({ ...at, text })),
    connections: details.length === 0 ? undefined : details,
    evidence,
  };
}

// JSON.stringify leaves C1, bidirectional and invisible characters as they are.
const UNSAFE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** JSON in which every character that does not show is escaped. */
export function safeJson(value: unknown, indentation?: number): string {
  return (JSON.stringify(value, undefined, indentation) ?? "null").replaceAll(UNSAFE, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
