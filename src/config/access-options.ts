import type { OptionDraft } from "./option-spec.ts";
import { ACCESS_FORMATS } from "./settings.ts";

/** The commands that read audit logs. */
const ACCESS_READERS = ["suggest", "propose", "access"] as const;
/** The commands that write roles. */
const ROLE_MAKERS = ["suggest", "propose"] as const;

/** Where these commands read what was used, and what is granted. */
export const ACCESS_INPUT: readonly OptionDraft[] = [
  {
    name: "audit",
    syntax: "path",
    placeholder: "PATH",
    repeatable: true,
    commands: ACCESS_READERS,
    description:
      "audit logs of the API server: files, directories or globs, - for standard input; the same as an input, by a name of its own",
  },
  {
    name: "rbac",
    syntax: "path",
    placeholder: "PATH",
    repeatable: true,
    commands: ACCESS_READERS,
    description:
      "files or directories with the Roles and bindings in force, as manifests or `kubectl get -o yaml|json` dumps, and the audit Policy; --cluster reads the cluster's",
  },
  {
    name: "selector",
    short: "l",
    syntax: "selector",
    placeholder: "LABELS",
    commands: ["access"],
    description:
      "only namespaces with these labels (env=prod, tier!=test, team in (a,b)), which --manifests or --cluster tell",
  },
];

/** How `access` answers. */
export const ACCESS_OUTPUT: readonly OptionDraft[] = [
  {
    name: "accessFormat",
    flag: "format",
    syntax: "choice",
    choices: ACCESS_FORMATS,
    placeholder: "text|json|markdown",
    fallback: "text",
    commands: ["access"],
    description: "how to print who reached what",
  },
  {
    name: "accessOutput",
    flag: "output",
    short: "o",
    syntax: "path",
    placeholder: "FILE",
    commands: ["access"],
    description: "write to FILE instead of standard output",
  },
  {
    name: "by",
    syntax: "choice",
    choices: ["namespace", "identity"],
    placeholder: "namespace|identity",
    fallback: "namespace",
    commands: ["access"],
    description: "one block for each namespace, or for each identity",
  },
  {
    name: "unusedFor",
    syntax: "age",
    placeholder: "DURATION",
    commands: ["access"],
    description: "only what was used before, and not in this last part of the log (30d, 12h)",
  },
  {
    name: "removeReplaced",
    syntax: "path",
    placeholder: "FILE",
    commands: ["suggest"],
    description: "write the bindings that the suggested ones replace to FILE, for `kubectl delete -f`",
  },
];

/** What deciding on roles depends on. */
export const ACCESS_POLICY: readonly OptionDraft[] = [
  {
    name: "grant",
    syntax: "text",
    placeholder: "NEED",
    repeatable: true,
    commands: ROLE_MAKERS,
    description:
      "grant a request that was refused: SUBJECT:VERB RESOURCE[.GROUP][/SUBRESOURCE][ in NAMESPACE][ named NAME]",
  },
  {
    name: "idioms",
    syntax: "switch",
    fallback: true,
    commands: ROLE_MAKERS,
    description:
      "keep what clients like these do sooner or later (list beside watch, leases, events) where it is granted",
  },
  {
    name: "minDays",
    syntax: "days",
    placeholder: "N",
    fallback: "14",
    commands: ROLE_MAKERS,
    description: "how many days of audit log a binding in force must outlast unused before it may be removed",
  },
  {
    name: "applier",
    syntax: "text",
    placeholder: "USER",
    commands: ROLE_MAKERS,
    description:
      "who will apply the roles, and may grant only what it holds: a username, or NAMESPACE/NAME of a ServiceAccount",
  },
];
