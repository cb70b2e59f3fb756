import { CLUSTER_READERS } from "./cluster-options.ts";
import type { OptionDraft } from "./option-spec.ts";
import type { CommandName } from "./settings.ts";

/** Commands that need nothing but a state. */
export const STATE_COMMANDS = [
  "state show",
  "state export",
  "state import",
  "state merge",
  "state prune",
] as const satisfies readonly CommandName[];

/** Where `collect` and `state` find the state when nobody says otherwise: in the working directory. */
export const DEFAULT_STATE = "netlearn.db";

/** What is remembered between runs, where, and for how long. */
export const STATE: readonly OptionDraft[] = [
  {
    name: "state",
    syntax: "path",
    placeholder: "FILE|URL",
    commands: [...CLUSTER_READERS, "check", "can", "collect", ...STATE_COMMANDS],
    description: `what was learned before: a file, or a PostgreSQL database as postgres://HOST/NAME; collect and state use ${DEFAULT_STATE} when not given`,
  },
  {
    name: "flushInterval",
    syntax: "duration",
    placeholder: "DURATION",
    fallback: "10s",
    commands: ["collect"],
    description: "write to the state at least so often while there is something new",
  },
  {
    name: "flushRecords",
    syntax: "count",
    placeholder: "N",
    fallback: "100000",
    commands: ["collect"],
    description: "write to the state after so many records at the latest",
  },
  {
    name: "olderThan",
    syntax: "time",
    where: "flag-only",
    placeholder: "TIME|DURATION",
    commands: ["state prune"],
    description: "forget what was last seen before this time (2026-01-31) or longer ago than this (90d)",
  },
  {
    name: "forgetNamespace",
    syntax: "namespace",
    where: "flag-only",
    placeholder: "NS",
    repeatable: true,
    commands: ["state prune"],
    description: "forget everything about this namespace's workloads, and what was asked of the API there",
  },
  {
    name: "dryRun",
    syntax: "switch",
    where: "flag-only",
    commands: ["state prune", "propose"],
    description: "say what would be done, and do nothing of it",
  },
];

/** How `collect` runs, and how it is watched. */
export const RUNNING: readonly OptionDraft[] = [
  {
    name: "untilCaughtUp",
    syntax: "switch",
    commands: ["collect"],
    description: "read what is there when the run begins, and end: the default, made for a CronJob",
  },
  {
    name: "follow",
    short: "f",
    syntax: "switch",
    commands: ["collect"],
    description: "go on reading what comes until SIGTERM or Ctrl-C, as in a Deployment",
  },
  {
    name: "fromFiles",
    syntax: "switch",
    where: "flag-only",
    commands: ["collect"],
    description: "read flow logs from files, each record once, instead of Kafka",
  },
  {
    name: "shutdownTimeout",
    syntax: "duration",
    placeholder: "DURATION",
    fallback: "25s",
    commands: ["collect"],
    description: "how long a run that is asked to end may take to write what it has read",
  },
  {
    name: "metricsPort",
    syntax: "port-number",
    placeholder: "PORT",
    commands: ["collect"],
    description:
      "serve /metrics for Prometheus, /healthz and /readyz on this port of all addresses; 0 takes a free one",
  },
  {
    name: "metricsFile",
    syntax: "path",
    placeholder: "FILE",
    commands: ["collect"],
    description:
      "write metrics to FILE (NAME.prom), for the node exporter's textfile collector, at the end and at every write to the state",
  },
];

/** How `state` answers. */
export const STATE_OUTPUT: readonly OptionDraft[] = [
  {
    name: "stateFormat",
    flag: "format",
    syntax: "choice",
    choices: ["text", "json"],
    placeholder: "text|json",
    fallback: "text",
    commands: ["state show"],
    description: "how to print what is in the state",
  },
  {
    name: "exportOutput",
    flag: "output",
    short: "o",
    syntax: "path",
    placeholder: "FILE",
    commands: ["state export"],
    description: "write to FILE instead of standard output",
  },
];
