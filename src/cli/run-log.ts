import type { Settings } from "../config/settings.ts";
import { type ExitCode, NetlearnError } from "../lib/errors.ts";
import type { Finding, Severity } from "../model/finding.ts";
import { clientName } from "../model/inferred.ts";
import type { InferredOutcome } from "../model/policy-set.ts";
import type { Reading } from "../model/reading.ts";
import type { Learned, Suggestion } from "../pipeline.ts";
import { renderLearned, renderReading, renderWarnings } from "../report/summary.ts";
import { completenessSentence, counted, countRules, sortedFindings } from "../report/wording.ts";
import type { Log, LogLevel, LogRecord } from "./log.ts";

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
    ...(objects === undefined ? [] : [{ level: "info" as const, event: "objects", ...objects }]),
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

/**
 * Refuses to go on from nothing: an empty result would look like a cluster where nobody talks, and `--prune` would
 * take every policy away. Says first what was read and what became of it.
 *
 * @param seen what the command needs at least one of
 * @param inputs what was to be read, as it was named
 * @throws NetlearnError `NETLEARN_INPUT_EMPTY`; `NETLEARN_INPUT_UNREADABLE` when there may be something in what could
 *   not be read
 */
export function requireTraffic(learned: Learned, seen: readonly unknown[], inputs: RunInputs, log: Log): void {
  if (seen.length > 0) return;
  const { reading } = learned;
  const findings = sortedFindings(learned.findings);
  const { style } = log.options;
  const render = reading.records === 0 ? renderReading : renderLearned;
  log.block(learnedRecords(learned, findings), () =>
    log.shows("info") ? render(learned, style) : renderWarnings(learned, findings, style),
  );
  if (reading.records > 0) {
    throw new NetlearnError(
      "NETLEARN_INPUT_EMPTY",
      `none of ${counted(reading.records, "flow record")} shows a connection that was let through`,
      { hint: "Look at what was set aside, or observe longer. Nothing was written." },
    );
  }
  throw nothingFound(reading, inputs);
}

function nothingFound({ unreadable, sources, bytes }: Reading, { files, state }: RunInputs): NetlearnError {
  const names = listOf(state === undefined ? files : [...files, `the state ${state}`]);
  const found = `no flow record was found in ${names}`;
  const [first, ...others] = unreadable;
  if (first !== undefined) {
    const source = first.source === names ? "" : `${first.source}: `;
    const more = others.length === 0 ? "" : ` (and ${others.length} more unreadable)`;
    return new NetlearnError("NETLEARN_INPUT_UNREADABLE", `${found}: ${source}${first.message}${more}`, {
      hint: "Mend what could not be read, or name something else. Nothing was written.",
    });
  }
  if (files.length === 0) {
    return new NetlearnError("NETLEARN_INPUT_EMPTY", found, {
      hint: "See what it has read: netlearn state show. Nothing was written.",
    });
  }
  if (sources === 0) {
    return new NetlearnError("NETLEARN_INPUT_EMPTY", `${found}: there is no file that looks like a flow log`, {
      hint: "A directory stands for the flow logs below it, dotfiles left out; a file that is named is read whatever it looks like. Nothing was written.",
    });
  }
  if (bytes === 0) {
    return new NetlearnError("NETLEARN_INPUT_EMPTY", `${found}: 0 bytes were read`, {
      hint: "See whether `hubble observe` or Hubble's exporter is at work and writes there. Nothing was written.",
    });
  }
  return new NetlearnError("NETLEARN_INPUT_EMPTY", found, {
    hint: "Give what `hubble observe -o jsonpb` or Hubble's exporter writes. Nothing was written.",
  });
}

/** Inputs in a sentence before "and n more". */
const NAMED = 3;

/** Everything a run learns from, as it was named. */
export interface RunInputs {
  /** Flow logs and snapshots. */
  readonly files: readonly string[];
  /** A file, or a database's URL without what may be secret in it. */
  readonly state: string | undefined;
}

/** What a command was given to learn from. */
export function runInputs(
  inputs: readonly string[],
  { snapshot, state }: Pick<Settings, "snapshot" | "state">,
): RunInputs {
  return { files: [...inputs, ...snapshot], state: state === undefined ? undefined : state.replace(CREDENTIALS, "") };
}

/** The user, the password and the parameters of a URL. */
const CREDENTIALS = /(?<=^[a-z]+:\/\/)[^/?#]*@|(?<=^[a-z]+:\/\/.*)[?#].*$/giu;

function listOf(inputs: readonly string[]): string {
  const names = inputs.slice(0, NAMED).map((input) => (input === "-" ? "standard input" : input));
  return `${names.join(", ")}${inputs.length > NAMED ? ` and ${inputs.length - NAMED} more` : ""}`;
}

/** 1 when something must not go unseen: a finding that breaks or opens something, or an input only partly read. */
export function exitCodeFor({ reading }: Learned, findings: readonly Finding[]): ExitCode {
  return reading.unreadable.length > 0 || findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

const LEVELS: Readonly<Record<Severity, LogLevel>> = { error: "error", warning: "warning", info: "info" };

function printTime(time: number | undefined): string | undefined {
  return time === undefined || Math.abs(time) > 8.64e15 ? undefined : new Date(time).toISOString();
}
