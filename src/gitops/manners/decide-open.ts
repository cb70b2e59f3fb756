import { MS_PER_DAY } from "../../lib/days.ts";
import type { Proposal } from "../../model/proposal.ts";
import type { FoundBranch, FoundPullRequest } from "../host.ts";
import { type DraftChange, draftChange } from "./drafts.ts";
import { extrasHealed } from "./extras.ts";
import { carried, disabled, heldBack, isDisabled, isInConflict, isOurs, rendersOtherwise } from "./gates.ts";
import { refusedAs, staysClosed } from "./refused.ts";
import { dayAt } from "./schedule.ts";
import type { Situation, Step, Verdict } from "./step.ts";
import { held, NOTHING_TO_DO } from "./step.ts";
import type { WrittenState } from "./texts.ts";
import { closedTitle, openTitle } from "./texts.ts";
import { freshCommit, oneMoreCommit } from "./writes.ts";

type EditStep = Extract<Step, { kind: "edit" }>;

interface Open {
  readonly pull: FoundPullRequest;
  readonly branch: FoundBranch;
}

/** What is done about a unit with an open pull request. */
export function decideOpen(
  situation: Situation,
  { pull, branch }: { readonly pull: FoundPullRequest; readonly branch: FoundBranch | undefined },
): Verdict {
  const { proposal } = situation;
  const off = handsOff(situation, pull);
  if (off !== undefined) {
    return off;
  }
  if (branch === undefined) {
    return held(
      "rejected",
      `Somebody deleted the branch of #${pull.number}. Restore it to go on, or close #${pull.number}.`,
    );
  }
  const open = { pull, branch };
  if (proposal === undefined) {
    return closed(situation, open);
  }
  return (
    snoozed(situation, proposal, open) ??
    untaken(situation, proposal) ??
    rendersOtherwise(proposal) ??
    refused(situation, proposal, open) ??
    locked(situation, proposal, open) ??
    kept(situation, proposal, open)
  );
}

/** Whose turn it is, whatever is proposed. */
function handsOff(situation: Situation, pull: FoundPullRequest): Verdict | undefined {
  const { settings, found } = situation;
  if (isDisabled(situation)) {
    return disabled();
  }
  if (pull.labels.includes(settings.stopLabel)) {
    return held("stop-label", `#${pull.number} has the label ${settings.stopLabel}.`);
  }
  if (pull.isQueued) {
    return held("merge-queue", `#${pull.number} is about to be merged.`);
  }
  return pull.base === found.base.branch
    ? undefined
    : held("retargeted", `Somebody pointed #${pull.number} at ${pull.base}: netlearn writes for ${found.base.branch}.`);
}

/** The base has it, or nobody needs it any more. */
function closed({ texts }: Situation, { pull, branch }: Open): Verdict {
  if (!isOurs(branch)) {
    return held(
      "human-commits",
      `Nothing is left to propose, and #${pull.number} has commits of people: it is theirs to close.`,
    );
  }
  return {
    outcome: { kind: "closed" },
    steps: [
      { kind: "close", number: pull.number, title: closedTitle(pull.title) },
      { kind: "comment", number: pull.number, body: texts.comment("nothing-wanted", undefined) },
      { kind: "delete-branch", branch: branch.name, expected: branch.head },
    ],
  };
}

function snoozed(situation: Situation, proposal: Proposal, open: Open): Verdict | undefined {
  const { boxes, settings, now, texts } = situation;
  const { timeZone } = settings.schedule;
  const state = texts.readState(open.pull.body);
  const isDraft = state?.isDraft ?? false;
  if (boxes.snoozeDays !== undefined) {
    const until = dayAt(now + boxes.snoozeDays * MS_PER_DAY, timeZone);
    // The text has to go on to say what the branch carries.
    return carried(open.branch) === proposal.fingerprint
      ? held("snoozed", `Left alone until ${until}.`, [
          rewritten(situation, proposal, { open, isDraft, snoozedUntil: until }),
        ])
      : held("snoozed", `Left alone until the box in #${open.pull.number} is cleared.`);
  }
  const until = state?.snoozedUntil;
  return until !== undefined && dayAt(now, timeZone) <= until
    ? held("snoozed", `Left alone until ${until}.`)
    : undefined;
}

/** Writing the text anew would lose what was ticked. */
function untaken({ boxes }: Situation, proposal: Proposal): Verdict | undefined {
  const ids = new Set([...proposal.evidence, ...proposal.effect.allowed].map(({ id }) => id));
  const left = boxes.rejected.filter((id) => ids.has(id));
  return left.length === 0
    ? undefined
    : {
        outcome: {
          kind: "blocked",
          reason: "rejections-left",
          because: `What was ticked is proposed nevertheless: ${left.toSorted().join(", ")}.`,
        },
        steps: [],
      };
}

/** What people closed does not come back in the one that followed it. */
function refused(situation: Situation, proposal: Proposal, { branch }: Open): Verdict | undefined {
  const before = carried(branch) === proposal.fingerprint ? undefined : refusedAs(situation, proposal);
  return before === undefined ? undefined : staysClosed(situation, proposal, before);
}

/** Commits of people are theirs, until they say otherwise. */
function locked(situation: Situation, proposal: Proposal, open: Open): Verdict | undefined {
  const { pull, branch } = open;
  if (isOurs(branch)) {
    return undefined;
  }
  if (situation.boxes.overwrite === branch.head) {
    const { wanted: isDraft, toDraft, toReady } = draftChange(situation, proposal, pull);
    return {
      outcome: { kind: "updated" },
      // The tick goes first: left behind by a crash, it would speak for commits that nobody has made yet.
      steps: [
        ...toDraft,
        ...extrasHealed(situation, pull),
        rewritten(situation, proposal, { open, isDraft }),
        freshCommit(situation, proposal, branch),
        ...toReady,
      ],
    };
  }
  return held("human-commits", `#${pull.number} has commits of people.`, [
    ...patchShown(situation, proposal, open),
    ...overwriteOffered(situation, proposal, open),
  ]);
}

/** Once for each proposal that the branch does not carry. */
function patchShown({ texts }: Situation, proposal: Proposal, { pull, branch }: Open): readonly Step[] {
  const isSaid =
    carried(branch) === proposal.fingerprint || texts.hasComment(pull.comments, "human-commits", proposal.fingerprint);
  return isSaid ? [] : [{ kind: "comment", number: pull.number, body: texts.comment("human-commits", proposal) }];
}

/** A box for the commits that are there now, where netlearn would write something else; the rest of the text stays. */
function overwriteOffered(situation: Situation, proposal: Proposal, { pull, branch }: Open): readonly Step[] {
  const { texts, capabilities } = situation;
  const isOther = carried(branch) !== proposal.fingerprint || isInConflict(branch, situation);
  if (!capabilities.checkboxes || !isOther || texts.readState(pull.body)?.offeredHead === branch.head) {
    return [];
  }
  const body = texts.withOverwriteBox(pull.body, branch.head);
  return body === undefined ? [] : [{ kind: "edit", number: pull.number, title: undefined, body, seen: pull.body }];
}

/** Ours alone: written anew, added to, or left as it is. */
function kept(situation: Situation, proposal: Proposal, open: Open): Verdict {
  const { pull, branch } = open;
  const draft = draftChange(situation, proposal, pull);
  const edit = rewritten(situation, proposal, { open, isDraft: draft.wanted });
  const extras = extrasHealed(situation, pull);
  if (carried(branch) !== proposal.fingerprint || isInConflict(branch, situation)) {
    return notNow(situation, proposal, open) ?? renewed(situation, proposal, { open, draft, extras, edit });
  }
  const healed = draft.was !== draft.wanted || isTextOld(situation, proposal, { pull, edit }) ? [edit] : [];
  const steps = [...draft.toDraft, ...extras, ...draft.toReady, ...healed];
  return steps.length === 0 ? NOTHING_TO_DO : { outcome: { kind: "updated" }, steps };
}

function notNow(situation: Situation, proposal: Proposal, { pull, branch }: Open): Verdict | undefined {
  const isHeld = situation.settings.holdAfterApproval && isApproved(pull) && !isInConflict(branch, situation);
  return (
    heldBack(situation, proposal) ??
    (isHeld ? held("approved", `#${pull.number} is approved: what is new waits until it is merged.`) : undefined)
  );
}

interface Renewal {
  readonly open: Open;
  readonly draft: DraftChange;
  readonly extras: readonly Step[];
  readonly edit: EditStep;
}

function renewed(situation: Situation, proposal: Proposal, { open, draft, extras, edit }: Renewal): Verdict {
  const { pull, branch } = open;
  const outcome = { kind: "updated" } as const;
  const around = (commit: Step): readonly Step[] => [...draft.toDraft, commit, ...extras, ...draft.toReady, edit];
  if (isInConflict(branch, situation) || !isLookedAt(pull)) {
    return { outcome, steps: around(freshCommit(situation, proposal, branch)) };
  }
  // It may come out that the branch has all of it already: then the text is not written a second time either.
  const isWritten = situation.texts.readState(pull.body)?.fingerprint === proposal.fingerprint;
  const commit = oneMoreCommit(situation, proposal, branch);
  return { outcome, steps: isWritten && draft.was === draft.wanted ? [commit] : around(commit) };
}

function isLookedAt({ reviews, comments }: FoundPullRequest): boolean {
  return reviews.length > 0 || comments.some(({ isOwn }) => !isOwn);
}

/** Whether the text does not say what the branch carries, or its counts are old. */
function isTextOld(
  { texts, settings, now }: Situation,
  proposal: Proposal,
  { pull, edit }: { readonly pull: FoundPullRequest; readonly edit: EditStep },
): boolean {
  const state = texts.readState(pull.body);
  const isBehind = state?.fingerprint !== proposal.fingerprint || openTitle(pull.title) !== pull.title;
  const isDue = ageOf(state, now) >= settings.evidenceRefreshDays * MS_PER_DAY || state?.offeredHead !== undefined;
  const isOther = texts.bodyHash(edit.body) !== texts.bodyHash(pull.body);
  return isBehind || (isDue && isOther);
}

function ageOf(state: WrittenState | undefined, now: number): number {
  const refreshed = Date.parse(state?.refreshedOn ?? "");
  return Number.isNaN(refreshed) ? Number.POSITIVE_INFINITY : now - refreshed;
}

function rewritten(
  { texts, settings, now, found }: Situation,
  proposal: Proposal,
  { open, isDraft, snoozedUntil }: { readonly open: Open; readonly isDraft: boolean; readonly snoozedUntil?: string },
): EditStep {
  const { pull } = open;
  const current = openTitle(pull.title);
  const isOurTitle = texts.readState(pull.body)?.title === current;
  const title = isOurTitle ? texts.title(proposal) : current;
  const previous = found.pullRequests.find(
    (each) => each.branch === pull.branch && each.state === "closed" && each.number < pull.number,
  );
  return {
    kind: "edit",
    number: pull.number,
    title: title === pull.title ? undefined : title,
    seen: pull.body,
    body: texts.body(proposal, {
      // A person's title stays a person's.
      title: isOurTitle ? title : texts.title(proposal),
      refreshedOn: dayAt(now, settings.schedule.timeZone),
      snoozedUntil,
      isDraft,
      previous: previous === undefined ? undefined : { number: previous.number, url: previous.url },
    }),
  };
}

/** By anybody's newest word; a comment takes nothing back. */
function isApproved({ reviews }: FoundPullRequest): boolean {
  const words = new Map(
    reviews.flatMap(({ state, author }) => (state === "commented" ? [] : [[author, state] as const])),
  );
  const states = [...words.values()];
  return states.includes("approved") && !states.includes("changes-requested");
}
