import type { Proposal } from "../../model/proposal.ts";
import { unifiedPatch } from "./patch.ts";

/**
 * What comments are about: a proposal that was closed and stays so; commits of people, with the patch that would have been
 * made; that the base has it all, or nobody needs it any more, so that netlearn closed it.
 */
export type CommentKind = "human-commits" | "nothing-wanted" | "stays-closed";

// Hosts refuse comments beyond 65,536 characters.
const LONGEST_PATCH = 50_000;

/**
 * The text of a comment, with the hidden marker that {@link hasComment} finds at its end.
 *
 * @param proposal undefined where nothing is wanted
 * @param said other words than those for any proposal: no text of others is in them
 */
export function commentText(
  kind: CommentKind,
  proposal: Pick<Proposal, "changes" | "fingerprint"> | undefined,
  said: string = words(kind, proposal),
): string {
  return `${said}\n\n${marker(kind, proposal?.fingerprint ?? "")}\n`;
}

/**
 * Whether it was said already.
 *
 * @param comments those whose `isOwn` is false do not count: anybody can paste a marker
 * @param fingerprint undefined: about any proposal
 */
export function hasComment(
  comments: readonly { readonly body: string; readonly isOwn?: boolean }[],
  kind: CommentKind,
  fingerprint: string | undefined,
): boolean {
  return comments.some(({ body, isOwn }) => {
    const found = MARKER.exec(body.trimEnd())?.groups;
    if (isOwn === false || found?.["kind"] !== kind) return false;
    return fingerprint === undefined || found["fingerprint"] === cleaned(fingerprint);
  });
}

const MARKER = /<!-- netlearn:comment:(?<kind>[a-z-]+):(?<fingerprint>[0-9a-f]*) -->$/u;

function marker(kind: CommentKind, fingerprint: string): string {
  return `<!-- netlearn:comment:${kind}:${cleaned(fingerprint)} -->`;
}

function cleaned(fingerprint: string): string {
  return fingerprint.replaceAll(/[^0-9a-f]/gu, "");
}

function words(kind: CommentKind, proposal: Pick<Proposal, "changes"> | undefined): string {
  switch (kind) {
    case "stays-closed":
      return "This was closed without being merged, so netlearn will not propose the same again. Should something else be observed, a new pull request will link this one.";
    case "nothing-wanted":
      return "Nothing is left to merge: the base branch has all of this already, or it is no longer needed. netlearn closes it.";
    case "human-commits":
      return humanCommits(unifiedPatch(proposal?.changes ?? []));
  }
}

function humanCommits(patch: string): string {
  const intro =
    "Somebody else has committed to this branch, so netlearn no longer writes to it. To let it overwrite their commits, tick the box for it in the text above; where there is none, delete the branch and close this.";
  if (patch === "") return intro;
  return patch.length > LONGEST_PATCH
    ? `${intro} What it would have written is too long for a comment (${patch.length} characters).`
    : `${intro} This is what it would have written, against the base branch:\n\n${fenced("diff", patch)}`;
}

/** Text in a code fence that nothing in it can end, and in which no marker of netlearn is found. */
export function fenced(language: string, text: string): string {
  const longest = Array.from(text.matchAll(/`+/gu), ([run]) => run.length).reduce((a, b) => Math.max(a, b), 2);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.replaceAll(/<!--(?=\s*netlearn:)/gu, "<!--\u200b").trimEnd()}\n${fence}`;
}
