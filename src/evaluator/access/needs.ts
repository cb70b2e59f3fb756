import type { AccessAttributes, AccessGraph, AccessUse, Identity } from "../../model/access.ts";
import type { AccessLine, AccessPolicySet, SuggestedBinding, SuggestedRole } from "../../model/access-policy.ts";
import type { Authorizer } from "./authorizer.ts";
import { identityOfSubject, identityOfUse, subjectName } from "./identities.ts";

/** Something that has to be allowed. */
export interface Need {
  /** A username, or a group's name. */
  readonly username: string;
  readonly identity: Identity;
  readonly attributes: AccessAttributes;
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

/** @param before what is in force; undefined: not known, and everything that was used is needed */
export function sortUses({ uses }: AccessGraph, before: Authorizer | undefined): SortedUses {
  const needed: Need[] = [];
  const refused: Need[] = [];
  for (const use of uses.filter(isAllowedByRbac)) {
    const { attributes } = use;
    const identity = identityOfUse(use);
    const need = { username: identity.username, identity, attributes };
    if (before?.allows(identity, attributes) === false) refused.push(need);
    else needed.push(need);
  }
  return { needed, refused };
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
    return [{ username: role.subjectName, identity: { username: role.subjectName, groups: [] }, attributes, line }];
  }
  return reaching.map(({ subject, namespace }) => ({
    username: subjectName(subject, namespace),
    identity: identityOfSubject(subject, namespace),
    attributes,
    line,
  }));
}

function isIn(attributes: AccessAttributes, namespace: string): boolean {
  return attributes.kind === "resource" && attributes.namespace === namespace;
}
