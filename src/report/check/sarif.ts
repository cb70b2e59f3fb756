import { createHash } from "node:crypto";
import type { CheckFinding, CheckReport } from "../../model/check-finding.ts";
import type { Severity } from "../../model/finding.ts";
import type { Place } from "../../model/manifest-object.ts";
import { terminalSentence } from "../escape.ts";
import { thousands } from "../wording.ts";
import { CHECK_CODES } from "./codes.ts";
import { evidenceText } from "./evidence.ts";
import { safeJson } from "./json.ts";

/** GitHub shows at most this many results of a run (docs.github.com, "SARIF support for code scanning"). */
export const MOST_RESULTS = 5000;

const LEVELS: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "note" };
const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

/**
 * The report as SARIF 2.1.0 (OASIS), for code scanning. Of more than {@link MOST_RESULTS} findings the first, which
 * are the gravest, are results; a notification says how many are left out.
 *
 * @param version of netlearn
 * @returns text that ends with a line break
 */
export function renderCheckSarif(report: CheckReport, version: string): string {
  const shown = report.findings.slice(0, MOST_RESULTS);
  const occurrences = new Map<string, number>();
  const run = {
    tool: { driver: { name: "netlearn", version, rules: CHECK_CODES.map(rule) } },
    // Without it viewers would have to guess what the relative URIs are relative to.
    originalUriBaseIds: { "%SRCROOT%": { description: { text: "The root of the repository." } } },
    columnKind: "utf16CodeUnits",
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: notifications(report) }],
    results: shown.map((finding) => result(finding, occurrences)),
  };
  return `${safeJson({ $schema: SCHEMA, version: "2.1.0", runs: [run] }, 2)}\n`;
}

function rule({ code, description }: (typeof CHECK_CODES)[number]): unknown {
  return { id: code, shortDescription: { text: `${description}.` } };
}

function notifications({ findings }: CheckReport): readonly unknown[] {
  const left = findings.length - MOST_RESULTS;
  if (left <= 0) return [];
  return [
    {
      level: "warning",
      message: { text: `${thousands(left)} more findings were left out; --format json has all of them.` },
    },
  ];
}

function result(finding: CheckFinding, occurrences: Map<string, number>): unknown {
  const { code, severity, message, choice, place, related, evidence } = finding;
  const seen = evidence === undefined ? "" : ` Seen: ${evidenceText(evidence)}.`;
  const text = `${message.split("\n", 1).join("")}.${seen}${choice === undefined ? "" : ` ${choice}`}`;
  return {
    ruleId: code,
    ruleIndex: CHECK_CODES.findIndex((known) => known.code === code),
    level: LEVELS[severity],
    message: { text: plain(text) },
    ...(place === undefined ? {} : { locations: [location(place)] }),
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((other, index) => ({
            id: index,
            ...location(other.place),
            message: { text: plain(other.text) },
          })),
        }),
    partialFingerprints: { "netlearnFinding/v1": fingerprint(finding, occurrences) },
  };
}

/** In messages brackets are links and braces are placeholders (SARIF 2.1.0, 3.11.5 and 3.11.6). */
function plain(text: string): string {
  return terminalSentence(text)
    .replaceAll("\\", "\\\\")
    .replaceAll(/[[\]]/gu, "\\$&")
    .replaceAll("{", "{{")
    .replaceAll("}", "}}");
}

function location({ file, line }: Place): { readonly physicalLocation: unknown } {
  const isAbsolute = file.startsWith("/") || /^[A-Za-z]:\//u.test(file);
  const path = file.split("/").map(encodeSegment).join("/");
  const artifactLocation = isAbsolute
    ? { uri: `file://${path.startsWith("/") ? "" : "/"}${path}` }
    : { uri: path, uriBaseId: "%SRCROOT%" };
  return { physicalLocation: { artifactLocation, region: { startLine: line } } };
}

// A lone half of a surrogate pair has no URI.
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.toWellFormed());
}

/** Lines move with every edit: what a finding is about and in which file stays. */
function fingerprint({ identity, place }: CheckFinding, occurrences: Map<string, number>): string {
  const key = JSON.stringify([identity, place?.file ?? ""]);
  const before = occurrences.get(key) ?? 0;
  occurrences.set(key, before + 1);
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 32);
  return `${hash}:${before + 1}`;
}
