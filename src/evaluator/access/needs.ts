import type { AccessAttributes, AccessGraph, AccessUse, Identity } from "../../model/access.ts";
import type { AccessLine, AccessPolicySet, SuggestedBinding, SuggestedRole } from "../../model/access-policy.ts";
import { partsOf } from "./attributes.ts";
import type { Authorizer } from "./authorizer.ts";
import { identityOfSubject, identityOfUse, subjectName } from "./identities.ts";

/** Something that has to be allowed. */
export interface Need {
  /** A username, or a group's name. */
  readonly username: string;
  readonly identity: Identity;
  readonly attributes: AccessAttributes;
  /** True where no name (or a path that ends in `*`) means any. */
  readonly isAny: boolean;
}

/** Whether somebody may what it needs. */
export function isMet({ identity, attributes, isAny }: Need, authorizer: Authorizer): boolean {
  return isAny ? authorizer.holds(identity, attributes) : authorizer.allows(identity, attributes);
}

/** Uses, by what the state in force makes of them. */
export interface SortedUses {
  readonly needed: readonly Need[];
  /** Not allowed any more by what is in force. */
  readonly refused: readonly Need[];
}

/** Whether it was allowed by RBAC, and not by another authorizer, which nothing here takes away. */
export function isAllowedByRbac({ outcome, citations }: AccessUse): boolean {
  if (outcome === "denied") return false;
  return citations.length === 0 || citations.some(({ kind }) => kind === "rbac");
}

/**
 * Sorts what was used by what the state in force makes of it.
 *
 * @param before what is in force
 */
export function sortUses({ uses }: AccessGraph, before: Authorizer): SortedUses {
  const needed: Need[] = [];
  const refused: Need[] = [];
  for (const use of uses.filter(isAllowedByRbac)) {
    const need = needOf(use);
    const allowed = allowedOf(use, need, before);
    if (allowed.length === 0) refused.push(need);
    else needed.push(...allowed);
  }
  return { needed, refused };
}

/** What has to be allowed where nothing in force is known: what no role is to hold stays as it is. */
export function usesOfRoles({ uses }: AccessGraph, { leftOut }: AccessPolicySet): readonly Need[] {
  const left = new Set(leftOut.map(({ username, attributes, isMany }) => useKey(username, attributes, isMany)));
  return uses
    .filter(isAllowedByRbac)
    .filter(({ identity, attributes, isMany }) => !left.has(useKey(identity.username, attributes, isMany)))
    .map(needOf);
}

function needOf(use: AccessUse): Need {
  const identity = identityOfUse(use);
  return { username: identity.username, identity, attributes: use.attributes, isAny: use.isMany };
}

/** What of a use is allowed: itself, or of one that stands for many, each of those that rules name. */
function allowedOf({ isMany }: AccessUse, need: Need, before: Authorizer): readonly Need[] {
  const { identity, attributes } = need;
  if (isMet(need, before)) return [need];
  if (!isMany) return [];
  const rules = before.rulesFor(identity, attributes.kind === "resource" ? attributes.namespace : "");
  const named = rules
    .flatMap((rule) => (attributes.kind === "resource" ? (rule.resourceNames ?? []) : (rule.nonResourceURLs ?? [])))
    .map((name) => (attributes.kind === "resource" ? { ...attributes, name } : { ...attributes, path: name }));
  return named.filter((one) => before.allows(identity, one)).map((one) => ({ ...need, attributes: one, isAny: false }));
}

function useKey(username: string, attributes: AccessAttributes, isMany: boolean): string {
  return JSON.stringify([username, isMany, ...partsOf(attributes)]);
}

/** What a line of a role has to allow: to each subject that the role is bound to where the line is about. */
export interface LineNeed extends Need {
  readonly line: AccessLine;
}

/** Each line of each role for each subject it is for; one that no binding reaches is for whom the role was made. */
export function lineNeeds({ roles, bindings }: AccessPolicySet): readonly LineNeed[] {
  const byRole = Map.groupBy(bindings, ({ role, namespace }) => roleKey(role.kind, namespace, role.name));
  return roles.flatMap((role) => {
    const bound = byRole.get(roleKey(role.kind, role.namespace, role.name)) ?? [];
    return role.lines.flatMap((line) => needsOf(line, role, bound));
  });
}

function roleKey(kind: "Role" | "ClusterRole", namespace: string, name: string): string {
  return `${kind}\0${kind === "Role" ? namespace : ""}\0${name}`;
}

function needsOf(line: AccessLine, role: SuggestedRole, bound: readonly SuggestedBinding[]): readonly LineNeed[] {
  const { attributes } = line;
  const reaching = bound.filter(({ kind, namespace }) => kind === "ClusterRoleBinding" || isIn(attributes, namespace));
  if (reaching.length === 0) {
    return [
      {
        username: role.subjectName,
        identity: { username: role.subjectName, groups: [] },
        attributes,
        isAny: true,
        line,
      },
    ];
  }
  return reaching.map(({ subject, namespace }) => ({
    username: subjectName(subject, namespace),
    identity: identityOfSubject(subject, namespace),
    attributes,
    isAny: true,
    line,
  }));
}

function isIn(attributes: AccessAttributes, namespace: string): boolean {
  return attributes.kind === "resource" && attributes.namespace === namespace;
}
