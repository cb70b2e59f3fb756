import { rbacManifests } from "../../../generators/rbac/rbac.ts";
import { Authorizer } from "../../../src/evaluator/access/authorizer.ts";
import { atomsOf } from "../../../src/evaluator/access/rules.ts";
import type { AccessAttributes, AccessGraph, Identity } from "../../../src/model/access.ts";
import type { AccessPolicySet, ReplacedBinding } from "../../../src/model/access-policy.ts";
import type { KnownBinding, RbacManifest, RbacState, RbacSubject } from "../../../src/model/rbac.ts";
import { serviceAccountOf } from "../../../src/model/service-account.ts";

/** Whoever a binding is for, as the API server would know it. */
export function identityOf(subject: RbacSubject): Identity {
  if (subject.kind === "Group") return { username: "", groups: [subject.name] };
  const username =
    subject.kind === "User" ? subject.name : `system:serviceaccount:${subject.namespace ?? ""}:${subject.name}`;
  return withGroups({ username, groups: [] });
}

/** With the groups that the API server adds to accounts. */
export function withGroups({ username, groups }: Identity): Identity {
  const account = serviceAccountOf(username);
  const own = account === undefined ? [] : ["system:serviceaccounts", `system:serviceaccounts:${account.namespace}`];
  return { username, groups: [...new Set([...groups, ...own, "system:authenticated"])] };
}

/** What is in force once the suggestion is applied, and what may be removed is. */
export function stateAfter(set: AccessPolicySet, before: RbacState | undefined): readonly RbacManifest[] {
  const kept = (before?.bindings ?? []).flatMap((binding) => {
    const gone = set.replaced.find((one) => one.keep === undefined && isIt(one, binding));
    if (gone === undefined) return [binding];
    return gone.keptSubjects.length === 0 ? [] : [{ ...binding, subjects: gone.keptSubjects }];
  });
  return [...(before?.roles ?? []), ...kept, ...rbacManifests(set)];
}

function isIt({ kind, namespace, name }: ReplacedBinding, binding: KnownBinding): boolean {
  return kind === binding.kind && namespace === (binding.metadata.namespace ?? "") && name === binding.metadata.name;
}

/** `WHO ATTRIBUTES` for every use that was allowed, is still allowed by `before`, and is refused by what comes after. */
export function cutBy(set: AccessPolicySet, graph: AccessGraph, before: RbacState): string[] {
  const [was, is] = [new Authorizer([...before.roles, ...before.bindings]), new Authorizer(stateAfter(set, before))];
  return graph.uses
    .filter(({ outcome }) => outcome !== "denied")
    .map(({ identity, attributes }) => ({ identity: withGroups(identity), attributes }))
    .filter(({ identity, attributes }) => was.allows(identity, attributes) && !is.allows(identity, attributes))
    .map(({ identity, attributes }) => `${identity.username} ${JSON.stringify(attributes)}`);
}

/** `WHO ATTRIBUTES` for all that the suggested objects give and `before` does not. */
export function newPowerOf(set: AccessPolicySet, before: RbacState): string[] {
  const was = new Authorizer([...before.roles, ...before.bindings]);
  return powerOf(set)
    .filter(({ subject, attributes }) => !was.allows(identityOf(subject), attributes))
    .map(({ subject, attributes }) => `${subject.name} ${JSON.stringify(attributes)}`);
}

/** All that the suggested objects give, one by one. */
export function powerOf(
  set: AccessPolicySet,
): { readonly subject: RbacSubject; readonly attributes: AccessAttributes }[] {
  return set.bindings.flatMap(({ subject, namespace, role }) => {
    const found = set.roles.find(
      ({ kind, name, namespace: own }) =>
        kind === role.kind && name === role.name && (kind === "ClusterRole" || own === namespace),
    );
    return (found?.rules ?? []).flatMap((rule) =>
      atomsOf(rule, namespace).map((attributes) => ({ subject, attributes })),
    );
  });
}

/** Whether the suggested objects alone let somebody do something. */
export function can(set: AccessPolicySet, who: Identity, attributes: AccessAttributes): boolean {
  return new Authorizer(rbacManifests(set)).allows(withGroups(who), attributes);
}
