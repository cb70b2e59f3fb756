import { trailerFields } from "../../lib/trailers.ts";
import { ABOUT_TRAILER, DECISION_TRAILER, type Decision } from "../../model/proposal.ts";
import type { Found } from "../host.ts";

/** A decision of readers that the base does not have yet, and the branch that brings it there. */
export interface PendingDecision {
  readonly branch: string;
  readonly decision: Decision;
}

/** What the newest of our own commits on a branch says that it writes: `access`, `network`, both or nothing. */
export function carriedAbout({ branches }: Found, name: string): readonly string[] {
  const commits = branches.find((branch) => branch.name === name)?.commits ?? [];
  const message = commits.filter(({ isOwn }) => isOwn).at(-1)?.message ?? "";
  const lead = `${ABOUT_TRAILER}: `;
  const line = message.split("\n").findLast((each) => each.startsWith(lead)) ?? lead;
  return line
    .slice(lead.length)
    .split(" ")
    .filter((word) => word !== "");
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
