import type { OptionDraft } from "./option-spec.ts";
import { CHECK_FORMATS, FAIL_ON } from "./settings.ts";

/** The commands that judge policies somebody else wrote. */
export const JUDGES = ["check", "can"] as const;

/** Where these commands read policies, workloads and flows. */
export const JUDGE_INPUT: readonly OptionDraft[] = [
  {
    name: "flows",
    syntax: "path",
    placeholder: "PATH",
    repeatable: true,
    commands: JUDGES,
    description: "flow logs to judge by: files, directories or globs, - for standard input",
  },
  {
    name: "base",
    syntax: "path",
    where: "flag-only",
    placeholder: "PATH",
    repeatable: true,
    commands: ["check"],
    description: "the manifests before a change",
  },
  {
    name: "head",
    syntax: "path",
    where: "flag-only",
    placeholder: "PATH",
    repeatable: true,
    commands: ["check"],
    description: "the manifests after the change",
  },
  {
    name: "targetNamespace",
    flag: "namespace",
    short: "n",
    syntax: "namespace",
    placeholder: "NS",
    fallback: "default",
    commands: JUDGES,
    description: "the namespace of objects that name none, as with kubectl apply -n",
  },
];

/** How they answer. */
export const JUDGE_OUTPUT: readonly OptionDraft[] = [
  {
    name: "checkFormat",
    flag: "format",
    syntax: "choice",
    choices: CHECK_FORMATS,
    placeholder: "NAME",
    fallback: "text",
    commands: ["check"],
    description: "how to print findings",
  },
  {
    name: "failOn",
    syntax: "choice",
    choices: FAIL_ON,
    placeholder: "SEVERITY",
    fallback: "warning",
    commands: ["check"],
    description: "exit with 1 when there is a finding of this severity or a graver one",
  },
  {
    name: "canFormat",
    flag: "format",
    syntax: "choice",
    choices: ["text", "json"],
    placeholder: "text|json",
    fallback: "text",
    commands: ["can"],
    description: "how to print the answer; --queries is always answered in JSON lines",
  },
];
