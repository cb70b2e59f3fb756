import { byText } from "../../lib/sort.ts";
import type { AccessUse, Citation } from "../../model/access.ts";
import type { RbacSubject } from "../../model/rbac.ts";
import { serviceAccountOf } from "../../model/service-account.ts";
import { askerOfSubject } from "./askers.ts";
import type { InForce } from "./in-force.ts";

/** For people, and to sort by: `ServiceAccount shop/web`, `Group devs`. */
export function subjectText({ kind, namespace, name }: RbacSubject): string {
  return kind === "ServiceAccount" ? `${kind} ${namespace ?? ""}/${name}` : `${kind} ${name}`;
}

/** A part of the system, or nobody: never bound, and not reported one by one (rule 9). */
export function isSystem(username: string): boolean {
  return username === "" || (username.startsWith("system:") && serviceAccountOf(username) === undefined);
}

/** A group that a role may be for. Whoever is in one of the system's is not there by choice. */
export function isPeoplesGroup(group: string): boolean {
  return group !== "" && !group.startsWith("system:");
}

/** A group as a binding names it. */
export function groupSubject(name: string): RbacSubject {
  return { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name };
}

/** The subject that a use is booked on: whose role is to hold it. Undefined: nobody who could get a binding is known. */
export function subjectOf(
  use: Omit<AccessUse, "evidence" | "outcome" | "signs">,
  inForce: InForce,
): RbacSubject | undefined {
  const { isKnown } = inForce;
  const cited = citedGroups(use.citations);
  const own = accountSubject(use.identity.username);
  // Somebody who acts as a ServiceAccount may bring groups of its own choice.
  const isByGroup = own !== undefined && cited.length > 0 && use.citations.every(isOfPeoplesGroup);
  const known = [...(own === undefined || isByGroup ? [] : [own]), ...cited.map(groupSubject)];
  const all = own === undefined || !isByGroup ? known : [...known, own];
  const guessed = isKnown ? use.identity.groups.filter(isPeoplesGroup).toSorted(byText).map(groupSubject) : [];
  return (
    all.find((one) => mayHold(one, use, inForce) !== "no") ??
    guessed.find((one) => mayHold(one, use, inForce) === "yes")
  );
}

/** Whether the state in force gives it to the subject; of many names, at least some. */
function mayHold(subject: RbacSubject, use: Pick<AccessUse, "attributes" | "isMany">, inForce: InForce): string {
  const asker = askerOfSubject(subject);
  const answer = inForce.allows(asker, use.attributes);
  if (answer === "no" && use.isMany && inForce.namesFor(asker, use.attributes).length > 0) return "yes";
  return answer;
}

/** True for what a namespace can be called, and for none: whoever may list everywhere may also ask about `..`. */
export function isNamespaceName(namespace: string): boolean {
  return namespace === "" || /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u.test(namespace);
}

const ACCOUNT_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/u;

/** The ServiceAccount that a username stands for, as a binding names it; undefined for everybody else, and for names that no object can have. */
export function accountSubject(username: string): RbacSubject | undefined {
  const account = serviceAccountOf(username);
  const isValid = account !== undefined && isNamespaceName(account.namespace) && ACCOUNT_NAME.test(account.name);
  return !isValid ? undefined : { kind: "ServiceAccount", name: account.name, namespace: account.namespace };
}

function citedGroups(citations: readonly Citation[]): string[] {
  const groups = citations.filter(isOfPeoplesGroup).map((one) => (one.kind === "rbac" ? one.subject.name : ""));
  return [...new Set(groups)].toSorted(byText);
}

function isOfPeoplesGroup(citation: Citation): boolean {
  return citation.kind === "rbac" && citation.subject.kind === "Group" && isPeoplesGroup(citation.subject.name);
}
