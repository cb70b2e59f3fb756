import { safeName, shortHash } from "../../lib/safe-name.ts";
import { sortedBy } from "../../lib/sort.ts";
import type { AccessLine, SuggestedBinding } from "../../model/access-policy.ts";
import type { PolicyRule, RbacSubject } from "../../model/rbac.ts";
import { usernameOf } from "./askers.ts";
import { attributesKey, scopeOf } from "./attributes.ts";
import { compactRules } from "./compact.ts";

import type { RolesAndBindings, TakenNames } from "./taken-names.ts";

/** What is to be held in one namespace, or in the whole cluster. */
interface ScopedLines {
  /** Empty: the cluster. */
  readonly namespace: string;
  readonly lines: readonly AccessLine[];
  readonly rules: readonly PolicyRule[];
}

/**
 * The roles of one subject: one for each namespace, one for what is cluster-scoped (rule 30), and one ClusterRole for rules that
 * several namespaces have in common (rule 31). Roles stay in their scope: two namespaces never make a cluster.
 */
export function rolesOf(
  subject: RbacSubject,
  lines: readonly AccessLine[],
  { sharedFrom, taken }: { readonly sharedFrom: number; readonly taken: TakenNames },
): RolesAndBindings {
  const scopes = [...Map.groupBy(lines, ({ attributes }) => scopeOf(attributes))].map(([namespace, all]) => ({
    namespace,
    lines: all,
    rules: compactRules(all.map(({ attributes }) => attributes)),
  }));
  const sameRules = Map.groupBy(scopes, ({ namespace, rules }) => (namespace === "" ? "" : JSON.stringify(rules)));
  const groups = sortedBy(sameRules, ([rules, all]) => `${String(1e6 - all.length)} ${rules}`);
  const shared = groups.filter(([rules, all]) => rules !== "" && all.length >= Math.max(2, sharedFrom));
  const single = groups.filter((group) => !shared.includes(group)).flatMap(([, all]) => all);
  const made = [
    ...single.map((scope) => singleRole(subject, scope)),
    ...shared.map(([rules, all], index) => sharedRole(subject, all, index === 0 ? "" : `~${shortHash(rules)}`)),
  ];
  return taken.avoid({
    roles: made.flatMap(({ roles }) => roles),
    bindings: made.flatMap(({ bindings }) => bindings),
  });
}

function singleRole(subject: RbacSubject, { namespace, lines, rules }: ScopedLines): RolesAndBindings {
  const kind = namespace === "" ? "ClusterRole" : "Role";
  const name = roleName(subject, namespace);
  const role = { kind, namespace, name, rules, lines, subjectName: usernameOf(subject) } as const;
  return { roles: [role], bindings: [bindingOf(subject, namespace, { kind, name })] };
}

function sharedRole(subject: RbacSubject, scopes: readonly ScopedLines[], suffix: string): RolesAndBindings {
  const role = { kind: "ClusterRole", name: `${roleName(subject, "")}:shared${suffix}` } as const;
  const lines = sortedBy(
    scopes.flatMap((scope) => scope.lines),
    ({ attributes }) => attributesKey(attributes),
  );
  const rules = scopes[0]?.rules ?? [];
  return {
    roles: [{ ...role, namespace: "", rules, lines, subjectName: usernameOf(subject) }],
    bindings: scopes.map(({ namespace }) => bindingOf(subject, namespace, role)),
  };
}

/** Named like its role: another role is another name, since a binding's role can't be changed (rule 38). */
function bindingOf(subject: RbacSubject, namespace: string, role: SuggestedBinding["role"]): SuggestedBinding {
  const kind = namespace === "" ? "ClusterRoleBinding" : "RoleBinding";
  return { kind, namespace, name: role.name, role, subject };
}

/** A group and an account never share a name, nor do accounts of two namespaces: `:` stands in no account's name. */
function roleName(subject: RbacSubject, namespace: string): string {
  if (subject.kind !== "ServiceAccount") return `netlearn-group:${safeName(subject.name)}`;
  const own = subject.namespace ?? "";
  return namespace === own ? `netlearn:${safeName(subject.name)}` : `netlearn:${own}:${safeName(subject.name)}`;
}
