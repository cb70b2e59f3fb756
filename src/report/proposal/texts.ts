import type { Proposal } from "../../model/proposal.ts";
import { type CommentKind, commentText, hasComment } from "./comments.ts";
import { commitMessage, proposalTitle } from "./commit-message.ts";
import { proposalBody, type TextContext } from "./proposal-text.ts";
import { bodyHash, type ProposalState, readState, withOverwriteBox } from "./state.ts";

/** What the host and the settings say of texts. */
export type TextOptions = Pick<TextContext, "bodyLimit" | "checkboxes" | "notes" | "stopLabel">;

/** What differs from text to text. */
export type TextOccasion = Pick<TextContext, "title" | "refreshedOn" | "snoozedUntil" | "isDraft" | "previous">;

/** The words about a proposal: what the git writer's manners ask for. All are pure, and equal for equal inputs. */
export interface ProposalTexts {
  title(proposal: Proposal): string;
  body(proposal: Proposal, occasion: TextOccasion): string;
  commitMessage(proposal: Proposal): string;
  comment(kind: CommentKind, proposal: Proposal | undefined): string;
  hasComment(
    comments: readonly { readonly body: string; readonly isOwn: boolean }[],
    kind: CommentKind,
    fingerprint: string | undefined,
  ): boolean;
  readState(body: string): ProposalState | undefined;
  bodyHash(body: string): string;
  withOverwriteBox(body: string, head: string): string | undefined;
}

/**
 * The words of a pull request about a unit.
 *
 * @param options of the host that they are for
 */
export function proposalTexts(options: TextOptions): ProposalTexts {
  return {
    title: proposalTitle,
    body: (proposal, occasion) => proposalBody(proposal, { ...options, ...occasion }),
    commitMessage,
    comment: commentText,
    hasComment,
    readState,
    bodyHash,
    withOverwriteBox,
  };
}
