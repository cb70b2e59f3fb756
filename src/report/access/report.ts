import type { AccessReview } from "../../model/access-review.ts";
import type { ReviewedAccess } from "../../pipeline.ts";
import { type IdentityNote, identityNotes, idleBindings } from "./identities.ts";
import { type AccessEntry, type AccessFilter, accessEntries } from "./view.ts";

/** Everything that `netlearn access` shows. */
export interface AccessReport {
  readonly window: ReviewedAccess["access"]["window"];
  readonly facts: ReviewedAccess["access"]["facts"];
  readonly entries: readonly AccessEntry[];
  readonly identities: readonly IdentityNote[];
  /** Groups that people have their rights by. */
  readonly groups: AccessReview["subjects"];
  /** In force and not used; undefined where nothing in force is known. */
  readonly idle: AccessReview["bindings"] | undefined;
  readonly filter: AccessFilter;
  readonly blindSpots: AccessReview["blindSpots"];
}

/** Puts together what is shown; equal reviews give equal reports. */
export function accessReport(reviewed: Pick<ReviewedAccess, "access" | "review">, filter: AccessFilter): AccessReport {
  const { access, review } = reviewed;
  const entries = accessEntries(access, review, filter);
  const shown = new Set(entries.map(({ username }) => username));
  const isShown = (member: string): boolean => shown.has(member);
  return {
    window: access.window,
    facts: access.facts,
    entries,
    identities: identityNotes(entries, reviewed),
    groups: review.subjects.filter(({ subject, members }) => subject.kind === "Group" && members.some(isShown)),
    idle: review.known.rbac === undefined ? undefined : idleBindings(review, filter.usedBefore),
    filter,
    blindSpots: review.blindSpots,
  };
}
