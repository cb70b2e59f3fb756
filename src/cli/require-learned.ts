import type { Settings } from "../config/settings.ts";
import { NetlearnError } from "../lib/errors.ts";
import type { Learned } from "../pipeline.ts";
import { renderLearned, renderReading, renderWarnings } from "../report/summary.ts";
import { counted, sortedFindings } from "../report/wording.ts";
import type { Log } from "./log.ts";
import { learnedRecords } from "./run-log.ts";

/** What a command learns from. */
export type Wanted = "access" | "both" | "flows";

/** What was to be read, and what of it a command needs. */
export interface Requirement extends RunInputs {
  readonly wanted: Wanted;
}

/**
 * Refuses to go on from nothing: an empty result would look like a cluster where nobody talks, and `--prune` would
 * take every policy away. Says first what was read and what became of it.
 *
 * @param seen what the command needs at least one of
 * @throws NetlearnError `NETLEARN_INPUT_EMPTY`; `NETLEARN_INPUT_UNREADABLE` when there may be something in what could
 *   not be read
 */
export function requireLearned(learned: Learned, seen: readonly unknown[], requirement: Requirement, log: Log): void {
  if (seen.length > 0) return;
  const { reading, access } = learned;
  const { wanted } = requirement;
  const findings = sortedFindings(learned.findings);
  const { style } = log.options;
  const render = reading.records + access.facts.events === 0 ? renderReading : renderLearned;
  log.block(learnedRecords(learned, findings), () =>
    log.shows("info") ? render(learned, style) : renderWarnings(learned, findings, style),
  );
  throw (
    (wanted === "flows" ? undefined : nothingUsed(learned)) ??
    (wanted === "access" ? undefined : nothingPassed(learned)) ??
    otherKind(learned, wanted) ??
    nothingFound(reading, requirement)
  );
}

/** Flow records, and none of a connection. */
function nothingPassed({ reading }: Learned): NetlearnError | undefined {
  if (reading.records === 0) return undefined;
  return new NetlearnError(
    "NETLEARN_INPUT_EMPTY",
    `none of ${counted(reading.records, "flow record")} shows a connection that was let through`,
    { hint: "Look at what was set aside, or observe longer. Nothing was written." },
  );
}

/** Audit events, and none of a request that was let through. */
function nothingUsed({ access: { facts, uses } }: Learned): NetlearnError | undefined {
  const { events, setAside } = facts;
  if (events === 0) return undefined;
  const none = `none of ${counted(events, "audit event")} shows a request that was let through`;
  if (uses.length > 0) {
    return new NetlearnError("NETLEARN_INPUT_EMPTY", `${none}: all were refused`, {
      hint: "netlearn access shows who was refused what; --grant grants one of them by name. Nothing was written.",
    });
  }
  const [reason] = Object.entries(setAside).toSorted(([, a], [, b]) => b - a)[0] ?? [];
  return new NetlearnError(
    "NETLEARN_INPUT_EMPTY",
    reason === undefined ? none : `${none}: ${ASIDE_WORDS[reason] ?? reason}`,
    {
      hint: "Have the audit Policy log the stages ResponseStarted and ResponseComplete at level Metadata. Nothing was written.",
    },
  );
}

/** Why events show no use, in words. */
const ASIDE_WORDS: Readonly<Partial<Record<string, string>>> = {
  "request-received": "most are of the stage RequestReceived, which comes before anything is decided",
  unauthenticated: "most are of clients that did not say who they are",
  "impersonation-refused": "most are of refused impersonations",
  throttled: "most were turned away before they were decided",
  undecided: "most carry no decision",
  "other-cluster": "most are of other clusters than the one that was named",
};

/** Records of the other kind than the command is about. */
function otherKind({ reading, access: { facts } }: Learned, wanted: Wanted): NetlearnError | undefined {
  if (wanted === "flows" && facts.events > 0) {
    return new NetlearnError(
      "NETLEARN_INPUT_EMPTY",
      `there is no flow record among the inputs, only ${counted(facts.events, "audit event")}, and this command is about flows`,
      { hint: "netlearn access shows who used the API, netlearn suggest writes Roles for it." },
    );
  }
  if (wanted === "access" && reading.records > 0) {
    return new NetlearnError(
      "NETLEARN_INPUT_EMPTY",
      `there is no audit event among the inputs, only ${counted(reading.records, "flow record")}`,
      { hint: "Give audit logs of the API server. netlearn graph and netlearn explain are about flows." },
    );
  }
  return undefined;
}

function nothingFound(
  { unreadable, sources, bytes }: Learned["reading"],
  { files, state, wanted }: Requirement,
): NetlearnError {
  const { record, log, from } = WANTED_WORDS[wanted];
  const names = listOf(state === undefined ? files : [...files, `the state ${state}`]);
  const found = `no ${record} was found in ${names}`;
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
    return new NetlearnError("NETLEARN_INPUT_EMPTY", `${found}: there is no file that looks like ${log.one}`, {
      hint: `A directory stands for the ${log.many} below it, dotfiles left out; a file that is named is read whatever it looks like. Nothing was written.`,
    });
  }
  if (bytes === 0) {
    return new NetlearnError("NETLEARN_INPUT_EMPTY", `${found}: 0 bytes were read`, {
      hint: `See whether ${from.who} is at work and writes there. Nothing was written.`,
    });
  }
  return new NetlearnError("NETLEARN_INPUT_EMPTY", found, {
    hint: `Give what ${from.what} writes. Nothing was written.`,
  });
}

/** How the records of each kind, and what writes them, are called. */
const WANTED_WORDS = {
  flows: {
    record: "flow record",
    log: { one: "a flow log", many: "flow logs" },
    from: { who: "`hubble observe` or Hubble's exporter", what: "`hubble observe -o jsonpb` or Hubble's exporter" },
  },
  access: {
    record: "audit event",
    log: { one: "an audit log", many: "audit logs" },
    from: { who: "the API server's audit log (--audit-log-path)", what: "the API server's audit log" },
  },
  both: {
    record: "flow record or audit event",
    log: { one: "a flow log or an audit log", many: "logs" },
    from: {
      who: "`hubble observe`, Hubble's exporter or the API server's audit log",
      what: "`hubble observe -o jsonpb`, Hubble's exporter or the API server's audit log",
    },
  },
} as const;

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
