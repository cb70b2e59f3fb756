import { some } from "../../lib/some.ts";
import { sortedBy } from "../../lib/sort.ts";
import type { Finding, Severity } from "../../model/finding.ts";

/** One thing that is worth a finding; those of one kind about the same become one. */
export interface Note {
  readonly kind: NoteKind;
  readonly about: string | undefined;
  readonly detail: string;
}

export type NoteKind = keyof typeof TABLE;

/** What to say about notes of one kind: `what` are their details, in one line. */
interface NoteText {
  readonly severity: Severity;
  readonly code: string;
  readonly message: (about: string, what: string) => string;
  readonly choice: string;
}

const TABLE = {
  "default-account": {
    severity: "warning",
    code: "access-default-account",
    message: (about) => `${about} uses the API: every pod of its namespace that names no account has its rights.`,
    choice: "Give the workload a ServiceAccount of its own, and the role to that one.",
  },
  "delegated-auth": {
    severity: "info",
    code: "access-delegated-auth",
    message: (about) =>
      `${about} asks the API server who its callers are: its role holds what system:auth-delegator holds.`,
    choice: "Bind system:auth-delegator to it instead, if you prefer what everybody knows.",
  },
  "grant-refused": {
    severity: "error",
    code: "access-grant-refused",
    message: (about, what) => `${about} can't be granted: ${what} is no ServiceAccount and no group of people.`,
    choice:
      "Name a group instead of a person; the system's own users and groups, and requests with a *, are never granted.",
  },
  "grant-unmatched": {
    severity: "warning",
    code: "access-grant-unmatched",
    message: (about) => `${about} is to be granted, and nothing like it was refused in this log.`,
    choice:
      "Write it as SUBJECT:VERB RESOURCE[.GROUP][/SUBRESOURCE][ in NAMESPACE][ named NAME], as the report has it.",
  },
  "literal-wildcard": {
    severity: "warning",
    code: "access-literal-wildcard",
    message: (about, what) =>
      `${about} asked for a literal * (${what}), which a role would take for everything; left out.`,
    choice: "Look at who does that: nothing is called *.",
  },
  "may-change": {
    severity: "warning",
    code: "access-names-may-change",
    message: (about, what) =>
      `${about} gets dangerous access by names that look made up (${what}): the next ones will differ.`,
    choice: "Give these objects lasting names, or add a rule without names by hand.",
  },
  "namespace-gone": {
    severity: "warning",
    code: "access-namespace-gone",
    message: (about, what) => `${about} worked in namespaces that are gone (${what}); no Role can be written there.`,
    choice: "Keep the binding in force, or let whoever makes such namespaces make a RoleBinding in each.",
  },
  "not-bound": {
    severity: "warning",
    code: "access-not-bound",
    message: (about, what) => `${about} gets no binding, as no group is known that gives it ${what}.`,
    choice: "Bind a group of people instead of the person.",
  },
  "other-authorizer": {
    severity: "warning",
    code: "access-other-authorizer",
    message: (about, what) => `${about} was let in by something else than RBAC (${what}); no role is written for that.`,
    choice: "Look at that authorizer (an access policy of the cloud, system:masters): RBAC can't narrow it.",
  },
  "owner-change": {
    severity: "info",
    code: "access-owner-change",
    message: (about, what) =>
      `${about} writes owner references (${what}): should it change them, delete may be asked for too.`,
    choice: "Add delete on these, if OwnerReferencesPermissionEnforcement is on and owners do change.",
  },
  removable: {
    severity: "info",
    code: "access-binding-replaced",
    message: (about, what) => `${about} is not needed any more: ${what}.`,
    choice: "Apply the suggested roles first, then remove it with --remove-replaced.",
  },
  revoked: {
    severity: "info",
    code: "access-revoked",
    message: (about, what) => `${about} used what RBAC in force does not allow any more (${what}); left out.`,
    choice: "None is needed if that was on purpose.",
  },
  risk: {
    severity: "info",
    code: "access-dangerous",
    message: (about, what) => `${about} keeps dangerous access, since it uses it: ${what}.`,
    choice: "See whether it has to.",
  },
  "role-content-unknown": {
    severity: "warning",
    code: "access-role-content-unknown",
    message: (about, what) => `What ${about} must hold itself can't be derived: ${what}. Its bindings in force stay.`,
    choice:
      "Bindings: log bodies of rbac.authorization.k8s.io (level Request), and give it bind on the roles it binds. Roles: decide by hand.",
  },
  "shared-account": {
    severity: "info",
    code: "access-account-shared",
    message: (about, what) => `${about} is used by several workloads (${what}): each has the rights of all.`,
    choice: "Give each a ServiceAccount of its own.",
  },
  "state-unknown": {
    severity: "warning",
    code: "access-state-unknown",
    message: () => "Nobody gave the RBAC in force: what is granted and unused, and what was inferred, can't be judged.",
    choice: "Give it with --rbac or --cluster.",
  },
  "system-left-out": {
    severity: "info",
    code: "access-system-left-out",
    message: (_, what) => `Parts of the system used the API and get no roles: ${what}.`,
    choice: "None is needed: Kubernetes keeps their roles itself.",
  },
  unproved: {
    severity: "info",
    code: "access-not-proved",
    message: (about, what) => `${about} may need ${what}; RBAC in force is not known to allow it, so it is left out.`,
    choice: "Add it by hand where it is missed.",
  },
  unused: {
    severity: "info",
    code: "access-binding-unused",
    message: (about, what) => `${about} gives rights to subjects of which nothing was seen (${what}).`,
    choice: "Remove it if they are gone; the log may be too short to tell.",
  },
  waits: {
    severity: "info",
    code: "access-binding-waits",
    message: (about, what) => `${about} would be replaced, and stays for now: ${what}.`,
    choice: "Observe longer, or mend what the reason names.",
  },
  widened: {
    severity: "info",
    code: "access-names-widened",
    message: (about, what) => `${about} gets any name where some were seen (observed -> granted): ${what}.`,
    choice: "Names of objects that stand in Git are kept; the others come and go.",
  },
} as const satisfies Readonly<Record<string, NoteText>>;

const SHOWN = 5;

/** Notes as findings: one for each kind and subject, sorted. */
export function findingsOf(notes: readonly Note[]): Finding[] {
  const groups = Map.groupBy(notes, ({ kind, about }) => JSON.stringify([kind, about]));
  const findings = [...groups.values()].flatMap(([first, ...rest]) => {
    if (first === undefined) return [];
    const details = [first, ...rest].map(({ detail }) => detail);
    const row: NoteText = TABLE[first.kind];
    const message = row.message(first.about ?? "", some(details.toSorted(), SHOWN));
    const { severity, code, choice } = row;
    return [{ code, severity, about: first.about, message, choice }];
  });
  return sortedBy(findings, ({ code, about, message }) => JSON.stringify([code, about ?? "", message]));
}
