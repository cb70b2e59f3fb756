import { by } from "../../lib/sort.ts";
import type { Caller } from "../../model/access.ts";
import type { SubjectDecision } from "../../model/access-policy.ts";
import type { AccessReview } from "../../model/access-review.ts";
import { readPodName } from "../../model/pod-name.ts";
import { serviceAccountOf } from "../../model/service-account.ts";
import type { ReviewedAccess } from "../../pipeline.ts";
import type { AccessEntry } from "./view.ts";

/** What is known of somebody besides what they did. */
export interface IdentityNote {
  readonly username: string;
  /** Rights that the RBAC in force grants, and how many of these were used; undefined where that is not known. */
  readonly granted: number | undefined;
  readonly used: number | undefined;
  /** Workloads whose pods used the token, by the names of the pods; sorted. */
  readonly workloads: readonly string[];
  readonly hasMorePods: boolean;
  readonly usesLegacyToken: boolean;
  readonly usesStaleToken: boolean;
}

/** Notes about those among the entries, by username. */
export function identityNotes(
  entries: readonly AccessEntry[],
  { access, review }: Pick<ReviewedAccess, "access" | "review">,
): readonly IdentityNote[] {
  const names = new Set(entries.flatMap(({ username, impersonator }) => [username, impersonator ?? username]));
  const callers = new Map(access.callers.map((caller) => [caller.username, caller]));
  const subjects = subjectsByMember(review);
  return [...names].toSorted().map((username) => {
    const decision = subjects.get(username);
    return {
      username,
      granted: decision?.granted,
      used: decision?.granted === undefined ? undefined : decision.used,
      ...tokenNotes(callers.get(username)),
    };
  });
}

function tokenNotes(caller: Caller | undefined): Omit<IdentityNote, "granted" | "used" | "username"> {
  return {
    workloads: [
      ...new Set((caller?.pods ?? []).map(({ namespace, name }) => `${namespace}/${readPodName(name).stem}`)),
    ].toSorted(),
    hasMorePods: caller?.hasMorePods ?? false,
    usesLegacyToken: caller?.usesLegacyToken ?? false,
    usesStaleToken: caller?.usesStaleToken ?? false,
  };
}

/** Decisions about ServiceAccounts; those about groups are of all members together. */
function subjectsByMember({ subjects }: AccessReview): ReadonlyMap<string, SubjectDecision> {
  return new Map(
    subjects
      .filter(({ subject }) => subject.kind === "ServiceAccount")
      .flatMap((decision) => decision.members.map((member) => [member, decision] as const)),
  );
}

/** What deserves a sentence: rights nobody used, shared and default ServiceAccounts, old tokens. */
export function noteTexts(note: IdentityNote): readonly string[] {
  const { granted, used, workloads, hasMorePods } = note;
  const account = serviceAccountOf(note.username);
  const texts: string[] = [];
  if (granted !== undefined && used !== undefined) texts.push(`used ${used} of ${granted} grants in force`);
  if (workloads.length > 1) texts.push(`shared by ${workloads.join(", ")}${hasMorePods ? " and more" : ""}`);
  if (account?.name === "default") texts.push("the default ServiceAccount of its namespace");
  if (note.usesLegacyToken) texts.push("uses a legacy token, which never expires");
  if (note.usesStaleToken) texts.push("uses a stale token");
  return texts;
}

/** What is known of a group: who of it was seen, and how much of its rights they used. */
export function groupText({ members, granted, used }: SubjectDecision): string {
  const grants = granted === undefined ? [] : [`used ${used} of ${granted} grants in force`];
  return [...grants, `seen: ${members.join(", ")}`].join("; ");
}

/** Bindings in force that nobody used, or not since `usedBefore`; keepers' own left out. */
export function idleBindings({ bindings }: AccessReview, usedBefore: number | undefined): AccessReview["bindings"] {
  return bindings
    .filter(({ binding, requests, lastUsed }) => {
      if (binding.keeper !== undefined) return false;
      return requests === 0 || (usedBefore !== undefined && lastUsed !== undefined && lastUsed < usedBefore);
    })
    .toSorted(
      by(({ binding }) => JSON.stringify([binding.kind, binding.metadata.namespace ?? "", binding.metadata.name])),
    );
}
