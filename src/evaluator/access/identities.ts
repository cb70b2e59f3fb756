import type { AccessUse, Identity } from "../../model/access.ts";
import type { RbacSubject } from "../../model/rbac.ts";
import { accountUsername, certainGroups } from "../../model/service-account.ts";

const AUTHENTICATED = "system:authenticated";
const UNAUTHENTICATED = "system:unauthenticated";

/**
 * What is known of everybody a subject stands for: a ServiceAccount with the groups it always has, any member of a group.
 *
 * @param namespace of the binding, for a ServiceAccount that names none
 */
export function identityOfSubject({ kind, name, namespace: own }: RbacSubject, namespace: string): Identity {
  switch (kind) {
    case "ServiceAccount": {
      const where = own === undefined || own === "" ? namespace : own;
      return withGroups(accountUsername({ namespace: where, name }), []);
    }
    case "User":
      return withGroups(name, []);
    case "Group":
      return { username: "", groups: name === UNAUTHENTICATED ? [name] : [name, AUTHENTICATED] };
  }
}

/** Who asked, with the groups that a source left out as far as they are certain: those of everybody, and cited ones. */
export function identityOfUse({ identity, citations }: Pick<AccessUse, "identity" | "citations">): Identity {
  if (identity.groups.length > 0) return identity;
  const cited = citations.flatMap((citation) =>
    citation.kind === "rbac" && citation.subject.kind === "Group" ? [citation.subject.name] : [],
  );
  return withGroups(identity.username, cited);
}

function withGroups(username: string, groups: readonly string[]): Identity {
  return { username, groups: [...new Set([...groups, ...certainGroups(username)])] };
}

/** The name of a subject in a proof: a ServiceAccount's username, a user's or group's name. */
export function subjectName(subject: RbacSubject, namespace: string): string {
  return subject.kind === "Group" ? subject.name : identityOfSubject(subject, namespace).username;
}
