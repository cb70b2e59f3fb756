import { type ExitCode, NetlearnError } from "../lib/errors.ts";
import type { Finding, Severity } from "../model/finding.ts";
import type { Learned, Suggestion } from "../pipeline.ts";
import { renderLearned, renderWarnings } from "../report/summary.ts";
import { completenessSentence, counted, countRules, sortedFindings } from "../report/wording.ts";
import type { Log, LogLevel, LogRecord } from "./log.ts";

/** What a run did, for machines: the same facts as the summary, one record each. */
export function learnedRecords(learned: Learned, findings: readonly Finding[]): readonly LogRecord[] {
  const { reading, graph, completeness } = learned;
  const { sources, bytes, lines, records, used, setAside, otherEvents } = reading;
  const { window } = graph;
  return [
    { level: "info", event: "read", sources, bytes, lines, records, used, setAside, otherEvents },
    ...reading.rejected.map(({ reason, count, sample }): LogRecord => {
      const { source, line } = sample.place;
      return { level: "warning", event: "rejected", reason, count, source, line, detail: sample.detail };
    }),
    ...reading.unreadable.map(({ source, message }): LogRecord => {
      return { level: "error", event: "unreadable", source, message };
    }),
    {
      level: "info",
      event: "learned",
      first: printTime(window?.first),
      last: printTime(window?.last),
      workloads: graph.workloads.length,
      edges: graph.edges.length,
      denied: graph.denied.length,
      quarantine: graph.quarantine.map(({ reason, pairs }) => ({ reason, pairs })),
    },
    { level: "info", event: "completeness", message: completenessSentence(completeness), ...completeness },
    ...findings.map((finding): LogRecord => ({ level: LEVELS[finding.severity], event: "finding", ...finding })),
  ];
}

/** {@link learnedRecords} and what was decided. */
export function suggestionRecords(suggestion: Suggestion, findings: readonly Finding[]): readonly LogRecord[] {
  const { policies, proof, excluded } = suggestion;
  return [
    ...learnedRecords(suggestion, findings),
    {
      level: "info",
      event: "suggested",
      policies: policies.policies.length,
      rules: countRules(policies),
      denies: policies.denies.length,
      excluded: excluded.length,
    },
    {
      level: "info",
      event: "proof",
      checked: proof.checked,
      allowed: proof.allowed,
      cut: proof.cut.length,
      needless: proof.needless.length,
      unused: proof.unused.length,
    },
  ];
}

/**
 * Refuses to go on from nothing: an empty result would look like a cluster where nobody talks, and `--prune` would
 * take every policy away. Says first what was read and what became of it.
 *
 * @param seen what the command needs at least one of
 * @throws NetlearnError `NETLEARN_INPUT_EMPTY`
 */
export function requireTraffic(learned: Learned, seen: readonly unknown[], log: Log): void {
  if (seen.length > 0) return;
  const { reading } = learned;
  const findings = sortedFindings(learned.findings);
  const { style } = log.options;
  log.block(learnedRecords(learned, findings), () =>
    log.shows("info") ? renderLearned(learned, style) : renderWarnings(learned, findings, style),
  );
  const isEmpty = reading.records === 0;
  throw new NetlearnError(
    "NETLEARN_INPUT_EMPTY",
    isEmpty
      ? `no flow record was found in ${counted(reading.sources, "source")}`
      : `none of ${counted(reading.records, "flow record")} shows a connection that was let through`,
    {
      hint: isEmpty
        ? "Give what `hubble observe -o jsonpb` or Hubble's exporter writes. Nothing was written."
        : "Look at what was set aside, or observe longer. Nothing was written.",
    },
  );
}

/** 1 when something must not go unseen: a finding that breaks or opens something, or an input only partly read. */
export function exitCodeFor({ reading }: Learned, findings: readonly Finding[]): ExitCode {
  return reading.unreadable.length > 0 || findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

const LEVELS: Readonly<Record<Severity, LogLevel>> = { error: "error", warning: "warning", info: "info" };

function printTime(time: number | undefined): string | undefined {
  return time === undefined || Math.abs(time) > 8.64e15 ? undefined : new Date(time).toISOString();
}
