import { trailerFields } from "../../lib/trailers.ts";
import { DECISION_TRAILER, type Decision } from "../../model/proposal.ts";
import type { Found } from "../host.ts";

/** A decision of readers that the base does not have yet, and the branch that brings it there. */
export interface PendingDecision {
  readonly branch: string;
  readonly decision: Decision;
}

/**
 * Decisions that open pull requests carry, as the newest of our own commits on their branches says: a commit of somebody else
 * says nothing, since anybody can write a trailer.
 */
export function carriedDecisions({ branches, pullRequests }: Found): readonly PendingDecision[] {
  const open = new Set(pullRequests.filter(({ state }) => state === "open").map(({ branch }) => branch));
  return branches.flatMap(({ name, commits }) => {
    const own = commits.filter(({ isOwn }) => isOwn).at(-1);
    if (own === undefined || !open.has(name)) return [];
    return trailerFields(own.message, DECISION_TRAILER).flatMap(
      ([kind, what = "", who = "", why = "", on = "", until = ""]) =>
        kind === "accept" || kind === "reject"
          ? [{ branch: name, decision: { kind, what, who, why, on, until: until === "" ? undefined : until } }]
          : [],
    );
  });
}
