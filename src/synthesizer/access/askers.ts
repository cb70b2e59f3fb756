import { byText } from "../../lib/sort.ts";
import type { Identity } from "../../model/access.ts";
import type { RbacSubject } from "../../model/rbac.ts";
import { accountUsername, certainGroups } from "../../model/service-account.ts";

/** Who asks: an identity, or what all members of a group have in common. */
export interface Asker {
  /** Empty: nobody in particular. */
  readonly username: string;
  readonly groups: readonly string[];
}

/** An identity with the groups that the API server adds to it. */
export function askerOf({ username, groups }: Identity): Asker {
  return { username, groups: [...new Set([...groups, ...certainGroups(username)])].toSorted(byText) };
}

/** Whoever the subject of a binding is, with nothing that only some of its members have. */
export function askerOfSubject(subject: RbacSubject): Asker {
  if (subject.kind === "Group") return { username: "", groups: [subject.name] };
  return askerOf({ username: usernameOf(subject), groups: [] });
}

/** The username of a ServiceAccount; the name of anybody else, as it is. */
export function usernameOf({ kind, namespace = "", name }: RbacSubject): string {
  return kind === "ServiceAccount" ? accountUsername({ namespace, name }) : name;
}
