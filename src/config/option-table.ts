import { INFERRED_KINDS } from "../model/inferred.ts";
import { ACCESS_INPUT, ACCESS_OUTPUT, ACCESS_POLICY } from "./access-options.ts";
import { CLUSTER_INPUT, CLUSTER_READERS, READERS } from "./cluster-options.ts";
import { JUDGE_INPUT, JUDGE_OUTPUT, JUDGES } from "./judge-options.ts";
import { KAFKA } from "./kafka-options.ts";
import type { OptionDraft, OptionGroup, OptionSpec } from "./option-spec.ts";
import { PROPOSE } from "./propose-options.ts";
import { ENTITY_CHOICE_NAMES, ENTITY_CHOICES, GRAPH_FORMATS, PROFILE_NAMES, WITHOUT_ADDRESS } from "./settings.ts";
import { RUNNING, STATE, STATE_COMMANDS, STATE_OUTPUT } from "./state-options.ts";

/** Commands that learn from flows and judge or show at once. */
const LEARNERS = [...READERS, ...JUDGES] as const;
/** Commands that read logs at once, of whatever kind. */
const LOG_READERS = [...LEARNERS, "access"] as const;
/** Commands that say something while they work. */
const ALL = [...LOG_READERS, "collect", ...STATE_COMMANDS] as const;
const POLICY_MAKERS = ["suggest", "propose", "explain"] as const;

/**
 * The table of all options.
 *
 * @param inputFormats names the collectors know, for `--input-format`
 * @returns options in the order of the help
 */
export function optionTable(inputFormats: readonly string[]): readonly OptionSpec[] {
  return [
    ...inputOptions(inputFormats),
    ...inGroup("Kafka", KAFKA),
    ...inGroup("State", STATE),
    ...inGroup("Running", RUNNING),
    ...inGroup("Output", OUTPUT),
    ...inGroup("Repository", PROPOSE),
    ...inGroup("Policy", POLICY),
    ...inGroup("Access", ACCESS_POLICY),
    ...inGroup("Question", QUESTION),
    ...inGroup("General", GENERAL),
  ];
}

function inputOptions(inputFormats: readonly string[]): readonly OptionSpec[] {
  return inGroup("Input", [
    {
      name: "inputFormat",
      syntax: "choice",
      choices: inputFormats,
      placeholder: "NAME",
      commands: [...LOG_READERS, "collect"],
      aliases: [{ flag: "format", commands: ["suggest", "explain", "collect"] }],
      description: "how the inputs are written; recognised by itself when not given",
    },
    {
      name: "snapshot",
      syntax: "path",
      placeholder: "FILE",
      repeatable: true,
      commands: LOG_READERS,
      aliases: [{ flag: "graph", commands: LEARNERS }],
      description: "merge in a graph saved with `netlearn graph --format json`",
    },
    {
      name: "since",
      syntax: "time",
      placeholder: "TIME|DURATION",
      commands: LOG_READERS,
      description:
        "ignore records before this time (2026-01-31, 2026-01-31T08:00:00Z) or longer ago than this (7d, 12h)",
    },
    {
      name: "until",
      syntax: "time",
      placeholder: "TIME|DURATION",
      commands: LOG_READERS,
      description: "ignore records at or after this time, or more recent than this",
    },
    {
      name: "exclude",
      syntax: "pattern",
      placeholder: "PATTERN",
      repeatable: true,
      commands: LEARNERS,
      description:
        "leave traffic out: PEER, CLIENT->SERVER or CLIENT->SERVER:PORT[/PROTOCOL]; a peer is NAMESPACE/NAME or an address, * a wildcard",
    },
    {
      name: "clusterName",
      syntax: "text",
      placeholder: "NAME",
      commands: LOG_READERS,
      description:
        "the cluster to learn from when records or audit events come from several; a cloud's name for it, or the network's",
    },
    ...ACCESS_INPUT,
    ...CLUSTER_INPUT,
    ...JUDGE_INPUT,
  ]);
}

const OUTPUT: readonly OptionDraft[] = [
  {
    name: "namespace",
    short: "n",
    syntax: "namespace",
    placeholder: "NS",
    repeatable: true,
    commands: CLUSTER_READERS,
    description: "only policies for, or traffic of, or access to, this namespace",
  },
  {
    name: "output",
    short: "o",
    syntax: "path",
    placeholder: "DIR",
    commands: ["suggest"],
    description: "write one file per policy to DIR/NAMESPACE/NAME.yaml instead of standard output",
  },
  {
    name: "report",
    syntax: "path",
    placeholder: "FILE",
    commands: ["suggest"],
    description: "write a Markdown report for the reviewer",
  },
  {
    name: "force",
    syntax: "switch",
    where: "flag-only",
    commands: ["suggest"],
    description: "overwrite (and with --prune remove) files that a person edited",
  },
  {
    name: "prune",
    syntax: "switch",
    commands: ["suggest"],
    description: "remove files written by an earlier run that are no longer suggested",
  },
  {
    name: "graphFormat",
    flag: "format",
    syntax: "choice",
    choices: GRAPH_FORMATS,
    placeholder: "NAME",
    fallback: "mermaid",
    commands: ["graph"],
    description: "what to print",
  },
  {
    name: "graphOutput",
    flag: "output",
    short: "o",
    syntax: "path",
    placeholder: "FILE",
    commands: ["graph"],
    description: "write to FILE instead of standard output",
  },
  ...ACCESS_OUTPUT,
  ...JUDGE_OUTPUT,
  ...STATE_OUTPUT,
];

const POLICY: readonly OptionDraft[] = [
  {
    name: "unobserved",
    syntax: "choice",
    choices: ["open", "deny"],
    placeholder: "open|deny",
    fallback: "open",
    commands: POLICY_MAKERS,
    description: "a direction in which a workload was never seen talking: leave it open, or close it",
  },
  {
    name: "defaultDeny",
    syntax: "switch",
    commands: POLICY_MAKERS,
    description: "also write a default-deny policy for each namespace",
  },
  {
    name: "entity",
    syntax: "entity",
    placeholder: "NAME=CHOICE",
    choices: ENTITY_CHOICE_NAMES.flatMap((entity) => ENTITY_CHOICES.map((choice) => `${entity}=${choice}`)).filter(
      (choice) => !WITHOUT_ADDRESS.some((entity) => choice === `${entity}=address`),
    ),
    repeatable: true,
    commands: POLICY_MAKERS,
    description: `traffic a NetworkPolicy has no word for: open leaves the direction open (the default), address allows the addresses seen, omit cuts it; NAME is ${ENTITY_CHOICE_NAMES.join(", ")}`,
  },
  {
    name: "widenExternal",
    syntax: "prefixes",
    placeholder: "V4[,V6]",
    fallback: "32,128",
    commands: POLICY_MAKERS,
    description: "prefix lengths to widen external addresses to, at most /16 and /48",
  },
  {
    name: "externalClients",
    syntax: "choice",
    choices: ["addresses", "any"],
    placeholder: "addresses|any",
    fallback: "addresses",
    commands: POLICY_MAKERS,
    description: "who may reach a port that clients outside the cluster use: the addresses seen, or any address",
  },
  {
    name: "dnsOverTcp",
    syntax: "switch",
    fallback: true,
    commands: POLICY_MAKERS,
    description: "allow port 53 over TCP wherever DNS over UDP was seen",
  },
  {
    name: "systemNamespaces",
    syntax: "switch",
    commands: [...POLICY_MAKERS, "access"],
    description: "also write policies for kube-system and the like; access: also show what the cluster's own parts do",
  },
  {
    name: "allowDenied",
    syntax: "pattern",
    placeholder: "PATTERN",
    repeatable: true,
    commands: POLICY_MAKERS,
    description: "treat matching attempts that a policy refused as wanted: CLIENT->SERVER or CLIENT->SERVER:PORT",
  },
  {
    name: "allow",
    syntax: "choices",
    placeholder: "NAME[,NAME]",
    choices: INFERRED_KINDS,
    repeatable: true,
    commands: POLICY_MAKERS,
    description: "let traffic through that the cluster's objects promise, although no flow showed it",
  },
  {
    name: "profile",
    syntax: "choice",
    choices: PROFILE_NAMES,
    placeholder: "NAME",
    fallback: "cilium",
    commands: JUDGES,
    description: "the network plugin whose reading of policies counts, where the specification leaves it open",
  },
];

const QUESTION: readonly OptionDraft[] = [
  {
    name: "from",
    syntax: "peer",
    where: "flag-only",
    placeholder: "PEER",
    commands: ["explain"],
    description: "the client: NAMESPACE/NAME, a NAME that is unique, or an address",
  },
  {
    name: "to",
    syntax: "peer",
    where: "flag-only",
    placeholder: "PEER",
    commands: ["explain"],
    description: "the server, written likewise",
  },
  {
    name: "port",
    syntax: "port",
    where: "flag-only",
    placeholder: "N[/PROTO]",
    commands: ["explain"],
    description: "the server's own port: 8080, 53/UDP",
  },
  {
    name: "queries",
    syntax: "path",
    where: "flag-only",
    placeholder: "FILE",
    commands: ["can"],
    description: "answer the questions of FILE, one JSON object a line; - for standard input",
  },
];

const GENERAL: readonly OptionDraft[] = [
  {
    name: "config",
    syntax: "path",
    where: "not-in-file",
    placeholder: "FILE",
    commands: ALL,
    description: "read options from FILE; netlearn.yaml in the working directory is read when not given",
  },
  {
    name: "quiet",
    short: "q",
    syntax: "switch",
    commands: ALL,
    description: "say only warnings and errors",
  },
  {
    name: "verbose",
    short: "v",
    syntax: "switch",
    commands: ALL,
    description: "say everything, shorten no list",
  },
  {
    name: "logFormat",
    syntax: "choice",
    choices: ["text", "json"],
    placeholder: "text|json",
    fallback: "text",
    commands: ALL,
    description: "messages as text, or as one JSON object per line",
  },
  {
    name: "color",
    syntax: "choice",
    choices: ["auto", "always", "never"],
    placeholder: "auto|always|never",
    fallback: "auto",
    commands: ALL,
    description: "colour messages; auto does on a terminal, and heeds NO_COLOR and FORCE_COLOR",
  },
  {
    name: "progress",
    syntax: "switch",
    fallback: true,
    commands: [...LOG_READERS, "collect"],
    description: "show progress while reading, on a terminal",
  },
];

function inGroup(group: OptionGroup, drafts: readonly OptionDraft[]): readonly OptionSpec[] {
  return drafts.map((draft) => {
    const { where = "anywhere", ...given } = draft;
    const isSwitch = draft.syntax === "switch";
    return {
      group,
      flag: kebabCase(draft.name),
      short: undefined,
      aliases: [],
      env: where === "flag-only" ? undefined : `NETLEARN_${kebabCase(draft.name).replaceAll("-", "_").toUpperCase()}`,
      key: where === "anywhere" ? draft.name : undefined,
      placeholder: undefined,
      choices: [],
      repeatable: false,
      fallback: isSwitch ? false : undefined,
      ...given,
    };
  });
}

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}
