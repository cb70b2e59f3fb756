import type { ExitCode } from "../lib/errors.ts";
import type { Finding, Severity } from "../model/finding.ts";
import { clientName } from "../model/inferred.ts";
import type { InferredOutcome } from "../model/policy-set.ts";
import type { Learned, ReviewedAccess, Suggestion } from "../pipeline.ts";
import { completenessSentence, countRules } from "../report/wording.ts";
import type { LogLevel, LogRecord } from "./log.ts";

/** What a run did, for machines: the same facts as the summary, one record each. */
export function learnedRecords(learned: Learned, findings: readonly Finding[]): readonly LogRecord[] {
  const { reading, graph, completeness, objects } = learned;
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
    ...accessRecords(learned),
    ...(objects === undefined ? [] : [{ level: "info" as const, event: "objects", ...objects }]),
    { level: "info", event: "completeness", message: completenessSentence(completeness), ...completeness },
    ...findings.map((finding): LogRecord => ({ level: LEVELS[finding.severity], event: "finding", ...finding })),
  ];
}

/** Who used the API; nothing without audit events. */
function accessRecords({ access }: Learned): readonly LogRecord[] {
  const { uses, facts, window } = access;
  if (facts.events === 0) return [];
  return [
    {
      level: "info",
      event: "access",
      events: facts.events,
      withDecision: facts.withDecision,
      setAside: facts.setAside,
      origins: facts.origins,
      first: printTime(window?.first),
      last: printTime(window?.last),
      identities: new Set(uses.map(({ identity }) => identity.username)).size,
      uses: uses.filter(({ outcome }) => outcome !== "denied").length,
      denied: uses.filter(({ outcome }) => outcome === "denied").length,
    },
  ];
}

/** {@link learnedRecords}, and what of the roles in force is idle. */
export function reviewedRecords(reviewed: ReviewedAccess, findings: readonly Finding[]): readonly LogRecord[] {
  const { known, bindings } = reviewed.review;
  const idle = bindings.filter(({ requests }) => requests === 0).length;
  return [
    ...learnedRecords(reviewed, findings),
    ...(known.rbac === undefined
      ? []
      : [{ level: "info" as const, event: "rbac", roles: known.rbac.roles.length, bindings: bindings.length, idle }]),
  ];
}

/** Roles, and how they were proved; nothing where no use of the API was seen. */
function rolesRecords({ accessSuggestion: roles }: Suggestion): readonly LogRecord[] {
  if (roles === undefined) return [];
  const { policies, proof, completeness } = roles;
  return [
    {
      level: "info",
      event: "roles",
      roles: policies.roles.length,
      rules: policies.roles.reduce((sum, { rules }) => sum + rules.length, 0),
      bindings: policies.bindings.length,
      subjects: policies.subjects.map(({ subject, members, granted, used }) => ({
        ...subject,
        members,
        granted,
        used,
      })),
      risks: countBy(
        policies.roles.flatMap(({ lines }) => lines.flatMap(({ risk }) => (risk === undefined ? [] : [risk]))),
      ),
      replaced: policies.replaced.map(({ kind, namespace, name, keep }) => ({ kind, namespace, name, keep })),
      completeness,
    },
    {
      level: "info",
      event: "roles-proof",
      judged: proof.judged,
      cut: proof.cut.length,
      newPower: proof.newPower.length,
      lossy: proof.lossy.length,
      unneeded: proof.unneeded.length,
      unappliable: proof.unappliable.length,
    },
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
      promised: countBy(policies.inferred.map(({ outcome }) => outcome)),
      excluded: excluded.length,
    },
    {
      level: "info",
      event: "proof",
      checked: proof.checked,
      allowed: proof.allowed,
      cut: proof.cut.length,
      needless: proof.needless.length,
      promised: proof.promised.checked,
      unused: proof.unused.length,
    },
    ...policies.inferred.filter(({ outcome }) => outcome !== "open").map(promiseRecord),
    ...rolesRecords(suggestion),
  ];
}

function promiseRecord({ traffic, outcome, directions, ...one }: InferredOutcome): LogRecord {
  const { kind, port, protocol, object } = traffic;
  const client = one.client ?? clientName(traffic.client);
  return {
    level: "debug",
    event: "promised",
    kind,
    client,
    server: one.server,
    port,
    protocol,
    object,
    outcome,
    directions,
  };
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** 1 when something must not go unseen: a finding that breaks or opens something, or an input only partly read. */
export function exitCodeFor({ reading }: Learned, findings: readonly Finding[]): ExitCode {
  return reading.unreadable.length > 0 || findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

const LEVELS: Readonly<Record<Severity, LogLevel>> = { error: "error", warning: "warning", info: "info" };

function printTime(time: number | undefined): string | undefined {
  return time === undefined || Math.abs(time) > 8.64e15 ? undefined : new Date(time).toISOString();
}
