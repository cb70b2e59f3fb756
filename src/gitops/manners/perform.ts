import { NetlearnError } from "../../lib/errors.ts";
import { by } from "../../lib/sort.ts";
import type { UnitOutcome } from "../../model/proposal.ts";
import type { FileChange, Repository } from "../../model/repository.ts";
import type { BranchWrite, Host, WriteResult } from "../host.ts";
import type { Step, Verdict } from "./step.ts";

/** What became of a verdict. */
export interface Performed {
  readonly outcome: UnitOutcome;
  /** Writes that were made. */
  readonly writes: number;
  readonly opened: { readonly number: number; readonly url: string } | undefined;
  /** What did not succeed and holds nothing up: labels, requests for reviews and comments; one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Carries the steps out, one after the other. The first that loses a race, is refused or deferred ends it: nothing is tried
 * twice, since the next run finds what is there. Labels, requests for reviews and comments are best effort.
 */
export async function perform(host: Host, verdict: Verdict): Promise<Performed> {
  let writes = 0;
  let opened: Performed["opened"];
  const notes: string[] = [];
  const end = (outcome: UnitOutcome): Performed => ({ outcome, writes, opened, notes });
  for (const step of verdict.steps) {
    let result: Result;
    try {
      result = await carryOut(host, step, opened?.number);
    } catch (error) {
      return end({ kind: "failed", because: error instanceof Error ? error.message : String(error) });
    }
    if (result.kind === "done") {
      writes += result.writes;
      opened = result.opened ?? opened;
    } else if (isBestEffort(step, result)) {
      notes.push(`${step.kind}: ${result.because}`);
    } else {
      return end(
        result.kind === "refused"
          ? { kind: "blocked", reason: "refused", because: result.because }
          : { kind: "deferred", because: result.because },
      );
    }
  }
  return end(verdict.outcome);
}

const BEST_EFFORT: ReadonlySet<Step["kind"]> = new Set(["comment", "label", "review-request"]);

/** A plan without drafts refuses them for good, and what is proposed is said all the same; else the next run is to try again. */
function isBestEffort({ kind }: Step, result: Exclude<Result, { kind: "done" }>): boolean {
  return BEST_EFFORT.has(kind) || (kind === "set-draft" && result.kind === "refused");
}

type Result =
  | { readonly kind: "done"; readonly writes: number; readonly opened?: Performed["opened"] }
  | { readonly kind: "lost-race" | "refused" | "deferred"; readonly because: string };

async function carryOut(host: Host, step: Step, opened: number | undefined): Promise<Result> {
  switch (step.kind) {
    case "write-branch":
      return await writeBranch(host, step);
    case "delete-branch":
      return counted(await host.deleteBranch(step.branch, step.expected));
    case "open": {
      const result = await host.openPullRequest(step);
      return result.kind === "done" ? { kind: "done", writes: 1, opened: result.value } : result;
    }
    case "edit":
    case "close":
    case "set-draft":
      return await changePull(host, step);
    case "comment":
    case "label":
    case "review-request":
    case "write-issue":
      return await carryOutBeside(host, step, opened);
  }
}

async function changePull(host: Host, step: Extract<Step, { kind: "edit" | "close" | "set-draft" }>): Promise<Result> {
  switch (step.kind) {
    case "edit": {
      const { number, title, body, seen } = step;
      return counted(await host.editPullRequest(number, title === undefined ? { body } : { title, body }, seen));
    }
    case "close":
      return counted(await host.editPullRequest(step.number, { title: step.title, state: "closed" }));
    case "set-draft": {
      const result = await host.setDraft?.(step.number, step.isDraft);
      return result === undefined ? unable(host, "there are no drafts") : counted(result);
    }
  }
}

type BesideStep = Extract<Step, { kind: "comment" | "label" | "review-request" | "write-issue" }>;

async function carryOutBeside(host: Host, step: BesideStep, opened: number | undefined): Promise<Result> {
  switch (step.kind) {
    case "comment":
      return counted(await host.comment(step.number, step.body));
    case "label": {
      const number = step.number ?? opened;
      return number === undefined ? NOTHING : counted(await host.label(number, step.labels));
    }
    case "review-request":
      return await requestReviews(host, step, step.number ?? opened);
    case "write-issue": {
      const { own, title, body } = step;
      const result = await host.writeIssue?.(own, { title, body });
      return result === undefined ? unable(host, "issues are not written") : counted(result);
    }
  }
}

const NOTHING: Result = { kind: "done", writes: 0 };

async function requestReviews(
  host: Host,
  { reviewers, teams }: Extract<Step, { kind: "review-request" }>,
  number: number | undefined,
): Promise<Result> {
  if (number === undefined) {
    return NOTHING;
  }
  const result = await host.requestReviews?.(number, reviewers, teams);
  return result === undefined ? unable(host, "nobody is asked for a review") : counted(result);
}

function unable({ name }: Host, what: string): Result {
  return { kind: "refused", because: `On ${name}, ${what}.` };
}

async function writeBranch(host: Host, step: Extract<Step, { kind: "write-branch" }>): Promise<Result> {
  const { branch, expected, message } = step;
  const commit = step.how === "append" ? await commitToAppend(host, step) : step;
  if (typeof commit === "string") {
    return { kind: "deferred", because: commit };
  }
  const { parent, changes } = commit;
  if (changes.length === 0) {
    return NOTHING;
  }
  return counted(await host.writeBranch({ branch, parent, expected, changes, message }));
}

/** A text says why the host can't be asked what is there. */
async function commitToAppend(
  host: Host,
  { parent, mergeBase, base, changes }: Extract<Step, { kind: "write-branch" }>,
): Promise<Pick<BranchWrite, "parent" | "changes"> | string> {
  try {
    const before = await host.read(mergeBase);
    if (await isConflicting(host, before, changes)) return { parent: base, changes };
    return { parent, changes: appendedChanges(await host.read(parent), before, changes) };
  } catch (error) {
    if (error instanceof NetlearnError && error.code === "NETLEARN_HOST_UNAVAILABLE") {
      return error.message;
    }
    throw error;
  }
}

/** Whether the base changed the same files otherwise since the branch left it. */
async function isConflicting(host: Host, mergeBase: Repository, changes: readonly FileChange[]): Promise<boolean> {
  for (const change of changes) {
    const before = mergeBase.files.get(change.path)?.text;
    const theirs = change.before;
    if (theirs === before) continue;
    if (theirs === undefined || change.kind === "delete") return true;
    if (!(await host.mergesCleanly({ before: before ?? "", ours: change.text, theirs }))) return true;
  }
  return false;
}

function counted(result: WriteResult<unknown>): Result {
  return result.kind === "done" ? { kind: "done", writes: 1 } : result;
}

/**
 * What has to be committed on a branch so that it carries a proposal.
 *
 * @param head the branch as it is
 * @param mergeBase where it left the base: what the branch changed and the proposal no longer does goes back to this
 * @param changes the proposal's, all of them
 * @returns sorted by path; empty: the branch carries it
 */
export function appendedChanges(
  head: Repository,
  mergeBase: Repository,
  changes: readonly FileChange[],
): readonly FileChange[] {
  const wanted = new Map(changes.map((change) => [change.path, change]));
  for (const path of new Set([...head.files.keys(), ...mergeBase.files.keys()])) {
    const [now, before] = [head.files.get(path)?.text, mergeBase.files.get(path)?.text];
    if (now !== before && !wanted.has(path)) {
      wanted.set(
        path,
        before === undefined
          ? { kind: "delete", path, before: now ?? "", owner: "netlearn" }
          : { kind: "write", path, text: before, before: now, owner: "person" },
      );
    }
  }
  return [...wanted.values()]
    .flatMap((change) => againstHead(change, head.files.get(change.path)?.text))
    .toSorted(by(({ path }) => path));
}

function againstHead(change: FileChange, now: string | undefined): readonly FileChange[] {
  if (change.kind === "delete") {
    return now === undefined ? [] : [{ ...change, before: now }];
  }
  return now === change.text ? [] : [{ ...change, before: now }];
}
