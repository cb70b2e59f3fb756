import type { FileChange, Repository } from "../model/repository.ts";

/** What a host can do. */
export interface HostCapabilities {
  readonly pullRequests: boolean;
  readonly drafts: boolean;
  /** Whether there are issues and {@link Host.writeIssue} can write them; undefined: no. */
  readonly issues?: boolean;
  /** Whether boxes in the text can be ticked by readers. */
  readonly checkboxes: boolean;
  /** Most characters of a pull request's text. */
  readonly bodyLimit: number;
}

/** A commit of a proposal's branch, as far as it tells whose it is. */
export interface FoundCommit {
  readonly id: string;
  readonly message: string;
  /** E-mail addresses, in lower case. */
  readonly author: string;
  readonly committer: string;
  /** True when author and committer are netlearn's own: nobody's work is lost when it goes. */
  readonly isOwn: boolean;
}

export interface FoundBranch {
  readonly name: string;
  readonly head: string;
  /** Those that the base has not, oldest first. */
  readonly commits: readonly FoundCommit[];
  /** Whether it can be merged into the base as it is; undefined: the host does not say (yet). */
  readonly conflicts: boolean | undefined;
  /** Where it left the base. */
  readonly mergeBase: string;
}

export interface FoundReview {
  readonly state: "approved" | "changes-requested" | "commented";
  readonly author: string;
  /** The commit that was looked at. */
  readonly commit: string;
  readonly at: number;
}

export interface FoundPullRequest {
  readonly number: number;
  readonly url: string;
  readonly branch: string;
  readonly base: string;
  readonly state: "open" | "closed" | "merged";
  readonly isDraft: boolean;
  readonly title: string;
  readonly body: string;
  /** Who changed the text last; undefined: nobody but its author. */
  readonly editor: string | undefined;
  /** Whether the text was ever changed, be it by netlearn, which hides who did before. */
  readonly isEdited: boolean;
  readonly labels: readonly string[];
  readonly createdAt: number;
  readonly closedAt: number | undefined;
  /** In the order they were given; what its author says to itself is not among them. */
  readonly reviews: readonly FoundReview[];
  /** Of people, and our own, oldest first. */
  readonly comments: readonly { readonly body: string; readonly author: string; readonly isOwn: boolean }[];
  readonly isQueued: boolean;
  /** People and teams whose review is asked for and not given yet, teams perhaps unnamed; undefined: the host does not say. */
  readonly requestedReviewers?: readonly string[];
}

/** An issue of our own. */
export interface FoundIssue {
  readonly number: number;
  readonly url: string;
  readonly state: "open" | "closed";
  readonly body: string;
}

/** What is there already: asked for once a run. */
export interface Found {
  readonly base: { readonly branch: string; readonly head: string };
  /** Why nothing can be written at all (archived, no permission, issues switched off); undefined: it can. */
  readonly readOnly: string | undefined;
  readonly branches: readonly FoundBranch[];
  /** Of the branches asked about, newest first. */
  readonly pullRequests: readonly FoundPullRequest[];
  /** Open ones of all our branches, and those made in the last hour. */
  readonly openPullRequests: number;
  readonly createdLastHour: number;
}

/** What a write came to. */
export type WriteResult<Value = undefined> =
  | { readonly kind: "done"; readonly value: Value }
  /** Somebody else wrote meanwhile: the next run decides. */
  | { readonly kind: "lost-race"; readonly because: string }
  /** Refused for good: protected, archived, no permission. */
  | { readonly kind: "refused"; readonly because: string }
  /** Limits or a failing host: the next run goes on. */
  | { readonly kind: "deferred"; readonly because: string };

/** A commit to be made. */
export interface BranchWrite {
  readonly branch: string;
  /** What the new commit stands on: the base's head, or the branch's for `append`. */
  readonly parent: string;
  /** Where the branch has to be for the write to happen; undefined: it must not exist. */
  readonly expected: string | undefined;
  readonly changes: readonly FileChange[];
  /** Summary, body and trailers. */
  readonly message: string;
}

/** A text that two sides changed; empty: it was not there. */
export interface ChangedText {
  readonly before: string;
  readonly ours: string;
  readonly theirs: string;
}

/**
 * The eight verbs of a git host (facts of the git writer, rule 40), and a question to git. Every write is compare-and-swap, or looks
 * before it creates: repeating one changes nothing. Writes never throw for what a host answers; they throw for faults of ours.
 */
export interface Host {
  /** `github.com/acme/fleet`, for people: no credentials are in it. */
  readonly name: string;
  readonly capabilities: HostCapabilities;
  /**
   * What is there for these branches.
   *
   * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the host can't be asked
   */
  find(base: string | undefined, branches: readonly string[]): Promise<Found>;
  /**
   * The files at a commit.
   *
   * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`
   */
  read(commit: string): Promise<Repository>;
  /**
   * Whether two versions of one file are merged without a conflict.
   *
   * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`
   */
  mergesCleanly(file: ChangedText): Promise<boolean>;
  writeBranch(write: BranchWrite): Promise<WriteResult<{ readonly head: string }>>;
  deleteBranch(branch: string, expected: string): Promise<WriteResult>;
  openPullRequest(
    request: PullRequestText & { readonly branch: string; readonly base: string },
  ): Promise<WriteResult<{ readonly number: number; readonly url: string }>>;
  /** @param seen the text that the change was made of: where somebody wrote another meanwhile, the race is lost */
  editPullRequest(
    number: number,
    change: Partial<Omit<PullRequestText, "isDraft">> & { readonly state?: "closed" | "open" },
    seen?: string,
  ): Promise<WriteResult>;
  /** Makes a draft of an open pull request, or makes it ready for review, where {@link HostCapabilities.drafts} are to be had. */
  setDraft?(number: number, isDraft: boolean): Promise<WriteResult>;
  comment(number: number, body: string): Promise<WriteResult>;
  label(number: number, labels: readonly string[]): Promise<WriteResult>;
  /** Asks people and teams for a review, as the settings name them; those who were asked already change nothing. */
  requestReviews?(number: number, reviewers: readonly string[], teams: readonly string[]): Promise<WriteResult>;
  /**
   * Our own issue with this title; an open one before closed ones, the newest of them. There is none where issues are switched
   * off, or not for us to read: {@link Host.writeIssue} says why.
   *
   * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`
   */
  findIssue?(title: string): Promise<FoundIssue | undefined>;
  /**
   * @param own what was found, of which somebody may have written another meanwhile: then the race is lost; undefined: looks for
   *   our own open issue with this title, and opens one where there is none
   */
  writeIssue?(own: Pick<FoundIssue, "number" | "body"> | undefined, issue: IssueText): Promise<WriteResult>;
}

export interface IssueText {
  readonly title: string;
  readonly body: string;
}

export interface PullRequestText {
  readonly title: string;
  readonly body: string;
  readonly isDraft: boolean;
}
