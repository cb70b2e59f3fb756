import { MS_PER_DAY } from "../../lib/days.ts";
import type { Proposal } from "../../model/proposal.ts";
import type { FoundBranch, FoundPullRequest } from "../host.ts";
import { extrasOfNew } from "./extras.ts";
import {
  carried,
  disabled,
  heldBack,
  isDisabled,
  isInConflict,
  isOurs,
  isUndecided,
  rendersOtherwise,
  repairsTraffic,
} from "./gates.ts";
import { closedByPeople, refusedAs, staysClosed } from "./refused.ts";
import { dayAt } from "./schedule.ts";
import type { Situation, Step, Verdict } from "./step.ts";
import { held, NOTHING_TO_DO } from "./step.ts";
import { isClosedByUs } from "./texts.ts";
import { freshCommit } from "./writes.ts";

/** What is done about a unit that has no open pull request. */
export function decideUnopened(situation: Situation, branch: FoundBranch | undefined): Verdict {
  const { proposal } = situation;
  if (proposal === undefined) {
    return tidiedUp(situation, branch);
  }
  const closed = closedByPeople(situation);
  return (
    refusedBefore(situation, proposal, { closed, branch }) ??
    (isDisabled(situation) ? disabled() : undefined) ??
    lockedBy(branch) ??
    cooling(situation, proposal, closed) ??
    rendersOtherwise(proposal) ??
    waiting(situation, proposal) ??
    opened(situation, proposal, { branch, previous: closed[0] })
  );
}

/** Nothing is wanted: what we left behind goes, and a crash between closing and explaining is healed. */
function tidiedUp(situation: Situation, branch: FoundBranch | undefined): Verdict {
  const [newest] = pullsOf(situation);
  const steps: Step[] = newest === undefined ? [] : [...explained(situation, newest)];
  // A branch that a person closed stays: reopening needs it.
  const isLeftOver = newest === undefined || newest.state === "merged" || isClosedByUs(newest.title);
  if (branch !== undefined && isLeftOver && !isDisabled(situation) && isOurs(branch)) {
    steps.push({ kind: "delete-branch", branch: branch.name, expected: branch.head });
  }
  return steps.length === 0 ? NOTHING_TO_DO : { outcome: { kind: "closed" }, steps };
}

function explained({ texts }: Situation, pull: FoundPullRequest): readonly Step[] {
  const isOurDoing = pull.state === "closed" && isClosedByUs(pull.title);
  return isOurDoing && !texts.hasComment(pull.comments, "nothing-wanted", undefined)
    ? [{ kind: "comment", number: pull.number, body: texts.comment("nothing-wanted", undefined) }]
    : [];
}

/** What people closed does not come back; a text that no longer says what it proposed may have been this. */
function refusedBefore(
  situation: Situation,
  proposal: Proposal,
  { closed, branch }: { readonly closed: readonly FoundPullRequest[]; readonly branch: FoundBranch | undefined },
): Verdict | undefined {
  const { texts } = situation;
  const [newest] = pullsOf(situation);
  const fingerprint = (pull: FoundPullRequest): string | undefined => texts.readState(pull.body)?.fingerprint;
  // A run that was cut off left the branch ahead of the text: people closed what the branch shows.
  const shown = branch === undefined ? undefined : carried(branch);
  const refused =
    refusedAs(situation, proposal) ??
    closed.slice(0, shown === proposal.fingerprint && closed[0]?.number === newest?.number ? 1 : 0)[0];
  if (refused !== undefined) {
    return staysClosed(situation, proposal, refused);
  }
  const unknown = closed.find((pull) => fingerprint(pull) === undefined);
  return unknown === undefined
    ? undefined
    : held(
        "rejected",
        `#${unknown.number} was closed, and its text no longer says what it proposed: it may have been this. Reopen it to go on.`,
      );
}

function lockedBy(branch: FoundBranch | undefined): Verdict | undefined {
  return branch === undefined || isOurs(branch)
    ? undefined
    : held(
        "human-commits",
        `Branch ${branch.name} has commits of people. Delete it or open a pull request of it yourself.`,
      );
}

/** Whoever closed, or took back what was merged, is not asked again at once. */
function cooling(situation: Situation, proposal: Proposal, closed: readonly FoundPullRequest[]): Verdict | undefined {
  const { settings, now, texts, isAskedFor = false } = situation;
  if (isAskedFor) {
    return undefined;
  }
  const undone = pullsOf(situation).filter(
    ({ state, body }) => state === "merged" && texts.readState(body)?.fingerprint === proposal.fingerprint,
  );
  const last = Math.max(...[...closed, ...undone].map(({ closedAt, createdAt }) => closedAt ?? createdAt));
  const until = last + settings.cooldownDays * MS_PER_DAY;
  return now < until
    ? held(
        "cool-down",
        `The last one was closed: nothing is opened before ${dayAt(until, settings.schedule.timeZone)}.`,
      )
    : undefined;
}

/** What holds new pull requests alone. */
function waiting(situation: Situation, proposal: Proposal): Verdict | undefined {
  const { settings, pendingStages, isOnboarded } = situation;
  if (settings.onboarding && !isOnboarded) {
    return held("onboarding", "Merge the pull request that adds .github/netlearn.yaml first.");
  }
  if (pendingStages.length > 0) {
    return held("earlier-stage", `What comes before is not merged yet: ${pendingStages.join(", ")}.`);
  }
  return heldBack(situation, proposal) ?? limited(situation, proposal);
}

/** Nobody who is cut off waits for a number, nor does who asked for it. */
function limited(situation: Situation, proposal: Proposal): Verdict | undefined {
  const { settings, found, opened: openedNow, isAskedFor = false } = situation;
  if (isAskedFor || repairsTraffic(proposal)) {
    return undefined;
  }
  const { openPullRequests, createdPerHour } = settings.limits;
  if (found.openPullRequests + openedNow >= openPullRequests) {
    return held(
      "limit",
      `There are ${openPullRequests} open pull requests: limits.openPullRequests lets no more be opened.`,
    );
  }
  return found.createdLastHour + openedNow >= createdPerHour
    ? held("limit", `${createdPerHour} were opened within an hour: limits.createdPerHour lets no more be opened.`)
    : undefined;
}

function opened(
  situation: Situation,
  proposal: Proposal,
  given: { readonly branch: FoundBranch | undefined; readonly previous: FoundPullRequest | undefined },
): Verdict {
  const { texts, settings, now, unit, found, capabilities } = situation;
  const { branch, previous } = given;
  const isThere = branch !== undefined && carried(branch) === proposal.fingerprint && isMergeable(branch, situation);
  const steps: Step[] = isThere ? [] : [freshCommit(situation, proposal, branch)];
  if (!capabilities.pullRequests) {
    const kind = branch === undefined ? "created" : "updated";
    return steps.length === 0 ? NOTHING_TO_DO : { outcome: { kind }, steps };
  }
  const title = texts.title(proposal);
  const isDraft = isUndecided(situation, proposal);
  const body = texts.body(proposal, {
    title,
    refreshedOn: dayAt(now, settings.schedule.timeZone),
    snoozedUntil: undefined,
    isDraft,
    previous: previous === undefined ? undefined : { number: previous.number, url: previous.url },
  });
  steps.push(
    { kind: "open", branch: unit.branch, base: found.base.branch, title, body, isDraft },
    ...extrasOfNew(situation),
  );
  return { outcome: { kind: "created" }, steps };
}

/** Hosts that tell of conflicts only where there is a pull request say nothing of a branch that a crash left. */
function isMergeable(branch: FoundBranch, situation: Situation): boolean {
  const isSaid = branch.conflicts !== undefined || branch.mergeBase === situation.found.base.head;
  return isSaid && !isInConflict(branch, situation);
}

/** Newest first. */
function pullsOf({ found, unit }: Situation): readonly FoundPullRequest[] {
  return found.pullRequests.filter(({ branch }) => branch === unit.branch);
}
