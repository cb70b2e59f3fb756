import { MS_PER_DAY } from "../../lib/days.ts";
import type { FoundPullRequest } from "../host.ts";
import type { Settings } from "./settings.ts";
import type { Situation, Step } from "./step.ts";

/** Labels and requests for reviews of a pull request that is opened just before. */
export function extrasOfNew({ settings }: Situation): readonly Step[] {
  return [...labelling(settings, undefined), ...reviewRequest(settings, undefined)];
}

/**
 * Those that a crash left out; a person who took some of them off, or did anything else, is not argued with. They come before
 * the text is written again, which hides whether a person had touched it.
 */
export function extrasHealed({ settings, now }: Situation, pull: FoundPullRequest): readonly Step[] {
  const isFresh = now - pull.createdAt < MS_PER_DAY;
  const isTouched = pull.isEdited || pull.reviews.length > 0 || pull.comments.length > 0;
  if (!isFresh || isTouched) {
    return [];
  }
  return [
    ...(pull.labels.length === 0 ? labelling(settings, pull.number) : []),
    ...(pull.requestedReviewers?.length === 0 ? reviewRequest(settings, pull.number) : []),
  ];
}

function labelling({ labels }: Settings, number: number | undefined): readonly Step[] {
  return labels.length === 0 ? [] : [{ kind: "label", number, labels }];
}

function reviewRequest({ reviewers, teams }: Settings, number: number | undefined): readonly Step[] {
  return reviewers.length + teams.length === 0 ? [] : [{ kind: "review-request", number, reviewers, teams }];
}
