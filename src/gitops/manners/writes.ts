import type { Proposal } from "../../model/proposal.ts";
import type { FoundBranch } from "../host.ts";
import type { Situation, Step } from "./step.ts";

/** The one commit on the base's head. */
export function freshCommit(situation: Situation, proposal: Proposal, branch: FoundBranch | undefined): Step {
  const { head } = situation.found.base;
  return {
    kind: "write-branch",
    how: branch === undefined ? "create" : "replace",
    branch: situation.unit.branch,
    parent: head,
    expected: branch?.head,
    mergeBase: head,
    base: head,
    changes: proposal.changes,
    message: situation.texts.commitMessage(proposal),
  };
}

/** One more commit on the branch: what was looked at stays as it was, unless that would bring it into conflict. */
export function oneMoreCommit(situation: Situation, proposal: Proposal, branch: FoundBranch): Step {
  return {
    kind: "write-branch",
    how: "append",
    branch: branch.name,
    parent: branch.head,
    expected: branch.head,
    mergeBase: branch.mergeBase,
    base: situation.found.base.head,
    changes: proposal.changes,
    message: situation.texts.commitMessage(proposal),
  };
}
