import type { Proposal } from "../../model/proposal.ts";
import type { FoundPullRequest } from "../host.ts";
import { cutsUndecided, isUndecided } from "./gates.ts";
import type { Situation, Step } from "./step.ts";

/** Whether an open pull request is a draft, and has to be one. */
export interface DraftChange {
  /** What netlearn last wanted: a person may have changed it since, and is not argued with. */
  readonly was: boolean;
  readonly wanted: boolean;
  /** Goes before what must not be merged is on the branch; mostly none. */
  readonly toDraft: readonly Step[];
  /** Goes after the branch is in order; mostly none. */
  readonly toReady: readonly Step[];
}

/**
 * What rule 25 of the git writer asks of an open pull request: one that came to cut what was seen is a draft until somebody
 * decides, and one that no longer is to wait is ready. A coverage that sinks makes no draft of it again, since it may rise and
 * sink from day to day.
 */
export function draftChange(situation: Situation, proposal: Proposal, pull: FoundPullRequest): DraftChange {
  const was = situation.texts.readState(pull.body)?.isDraft ?? false;
  const wanted = isUndecided(situation, proposal) && (was || cutsUndecided(proposal));
  const isSettled = wanted === was || wanted === pull.isDraft;
  const steps: readonly Step[] = isSettled ? [] : [{ kind: "set-draft", number: pull.number, isDraft: wanted }];
  return { was, wanted, toDraft: wanted ? steps : [], toReady: wanted ? [] : steps };
}
