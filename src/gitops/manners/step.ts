import type { HeldReason, Proposal, Stage, UnitOutcome } from "../../model/proposal.ts";
import type { FileChange } from "../../model/repository.ts";
import type { Found, FoundIssue, HostCapabilities } from "../host.ts";
import type { Settings } from "./settings.ts";
import type { Texts } from "./texts.ts";

/** A write on a host. */
export type Step =
  | {
      readonly kind: "write-branch";
      /** `append` goes on from the branch's head; the others stand on the base's. */
      readonly how: "create" | "replace" | "append";
      readonly branch: string;
      readonly parent: string;
      /** Where the branch has to be; undefined: it must not exist. */
      readonly expected: string | undefined;
      /** Where the branch left the base: what an appended commit is counted from. */
      readonly mergeBase: string;
      /** The base's head: where an append would be in conflict, the branch is written anew from here. */
      readonly base: string;
      /** Against the base's head, all of them. */
      readonly changes: readonly FileChange[];
      readonly message: string;
    }
  | { readonly kind: "delete-branch"; readonly branch: string; readonly expected: string }
  | {
      readonly kind: "open";
      readonly branch: string;
      readonly base: string;
      readonly title: string;
      readonly body: string;
      readonly isDraft: boolean;
    }
  | {
      readonly kind: "edit";
      readonly number: number;
      readonly title: string | undefined;
      readonly body: string;
      /** The text that this one was made of. */
      readonly seen: string;
    }
  /** Makes a draft of it, or makes it ready for review. */
  | { readonly kind: "set-draft"; readonly number: number; readonly isDraft: boolean }
  | { readonly kind: "close"; readonly number: number; readonly title: string }
  | { readonly kind: "comment"; readonly number: number; readonly body: string }
  /** @property number undefined: the one that was opened just before */
  | { readonly kind: "label"; readonly number: number | undefined; readonly labels: readonly string[] }
  | {
      readonly kind: "review-request";
      /** Undefined: the one that was opened just before. */
      readonly number: number | undefined;
      readonly reviewers: readonly string[];
      readonly teams: readonly string[];
    }
  | {
      readonly kind: "write-issue";
      /** As it was found; undefined: it is opened. */
      readonly own: FoundIssue | undefined;
      readonly title: string;
      readonly body: string;
    };

/** What is decided from. */
export interface Situation {
  readonly unit: { readonly branch: string; readonly namespace: string };
  /** Undefined: the base is as it should be. */
  readonly proposal: Proposal | undefined;
  readonly found: Found;
  readonly settings: Settings;
  /** Whether the base branch has `.github/netlearn.yaml`. */
  readonly isOnboarded: boolean;
  readonly capabilities: HostCapabilities;
  readonly texts: Texts;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Pull requests that this run opened for other units, after `found` was asked for. */
  readonly opened: number;
  /** Stages of the same namespace that come before this one, and have something to propose. */
  readonly pendingStages: readonly Stage[];
  /** What readers ticked in the open pull request's text. */
  readonly boxes: Boxes;
  /** A person ticked its box in the dashboard: schedule, limits and cool-down do not hold it. Undefined: nobody did. */
  readonly isAskedFor?: boolean;
}

export interface Boxes {
  /** Identities of {@link Proposal.evidence} that should not be allowed; those the proposal still has are left to ask for. */
  readonly rejected: readonly string[];
  /** Days to leave it alone, counted from today. */
  readonly snoozeDays: number | undefined;
  /** Commits of people may go, up to this head of the branch: the one for which the box was offered. */
  readonly overwrite: string | undefined;
}

/** What is to be done about a unit, and what that comes to when all of it succeeds. */
export interface Verdict {
  readonly outcome: UnitOutcome;
  readonly steps: readonly Step[];
}

/** It is somebody else's turn, or another time's: `because` is one sentence. */
export function held(reason: HeldReason, because: string, steps: readonly Step[] = []): Verdict {
  return { outcome: { kind: "held", reason, because }, steps };
}

export const NOTHING_TO_DO: Verdict = { outcome: { kind: "noop" }, steps: [] };
