import type { Proposal } from "../../model/proposal.ts";

/** What the hidden block of a pull request's text says: it was written by an earlier run. */
export interface WrittenState {
  readonly fingerprint: string;
  /** As it was last written by us: another one is a person's, and is kept. */
  readonly title: string | undefined;
  /** Day of the counts in the text, `YYYY-MM-DD`. */
  readonly refreshedOn: string | undefined;
  /** Last day on which it is left alone, `YYYY-MM-DD`. */
  readonly snoozedUntil: string | undefined;
  /** Whether it was a draft, as far as netlearn said so last. */
  readonly isDraft: boolean;
  /** The branch's head that the box for overwriting commits of people speaks of; undefined: there is no such box. */
  readonly offeredHead: string | undefined;
}

/** What a text needs to know besides the proposal. */
export interface TextContext {
  readonly title: string;
  readonly refreshedOn: string;
  readonly snoozedUntil: string | undefined;
  /** Whether it is to be a draft when the text is written. */
  readonly isDraft: boolean;
  /** A pull request of the unit that was closed before: the text links it. */
  readonly previous: { readonly number: number; readonly url: string } | undefined;
}

/**
 * What comments are about: a proposal that was closed and stays so; commits of people, with the patch that would have been
 * made; that the base has it all, or nobody needs it any more, so that netlearn closed it.
 */
export type CommentKind = "stays-closed" | "human-commits" | "nothing-wanted";

/** The words: they are made elsewhere. All of them are pure, and give equal texts for equal inputs. */
export interface Texts {
  title(proposal: Proposal): string;
  /** With a hidden block from which {@link Texts.readState} reads what `context` and `proposal` say. No box is ticked. */
  body(proposal: Proposal, context: TextContext): string;
  /** With the trailer `Netlearn-Fingerprint`, which {@link fingerprintOf} reads. */
  commitMessage(proposal: Proposal): string;
  /** @param proposal undefined where nothing is wanted */
  comment(kind: CommentKind, proposal: Proposal | undefined): string;
  /** Whether a comment of ours is among these: anybody can paste one. Without a fingerprint, one about any proposal. */
  hasComment(
    comments: readonly { readonly body: string; readonly isOwn: boolean }[],
    kind: CommentKind,
    fingerprint: string | undefined,
  ): boolean;
  /** Undefined when there is no block, or one that netlearn did not write. */
  readState(body: string): WrittenState | undefined;
  /** Without whitespace and the hidden block. */
  bodyHash(body: string): string;
  /**
   * A text of ours as it is, but that it has a box, unticked, for overwriting the commits up to this head of the branch.
   * Undefined where netlearn did not write it.
   */
  withOverwriteBox(body: string, head: string): string | undefined;
}

/**
 * What a commit of ours says it carries.
 *
 * @param message of a commit whose author and committer are netlearn's own: anybody can write a trailer
 */
export function fingerprintOf(message: string): string | undefined {
  const trailers =
    message
      .trimEnd()
      .split(/\n\s*\n/u)
      .at(-1) ?? "";
  return /^Netlearn-Fingerprint: (?<fingerprint>[0-9a-f]{16})$/mu.exec(trailers)?.groups?.["fingerprint"];
}

const CLOSED_BY_US = " (closed by netlearn)";

/** Closing and saying who closed is one write, so that no crash makes a refusal of people of it. */
export function closedTitle(title: string): string {
  return isClosedByUs(title) ? title : title.slice(0, 255 - CLOSED_BY_US.length) + CLOSED_BY_US;
}

/** Whether netlearn closed it, as its title says, and no person. */
export function isClosedByUs(title: string): boolean {
  return title.endsWith(CLOSED_BY_US);
}

/** The title without what closing added to it. */
export function openTitle(title: string): string {
  return isClosedByUs(title) ? title.slice(0, -CLOSED_BY_US.length) : title;
}
