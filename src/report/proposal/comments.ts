/** What is said once for each fingerprint. */
export type ProposalComment =
  | { readonly kind: "closed-stays-closed"; readonly fingerprint: string }
  | { readonly kind: "human-commits"; readonly fingerprint: string; readonly patch: string }
  | { readonly kind: "held-after-approval"; readonly fingerprint: string }
  | { readonly kind: "base-has-it"; readonly fingerprint: string };

// Hosts refuse comments beyond 65,536 characters; a fence may be as long as the longest run of backticks in the patch.
const LONGEST_PATCH = 50_000;

/** The text of a comment, with the marker that {@link hasComment} finds at its end. */
export function commentText(comment: ProposalComment): string {
  return `${words(comment)}\n\n${marker(comment.kind, comment.fingerprint)}\n`;
}

/** Whether it was said already by netlearn itself: a marker that somebody else pasted does not count. */
export function hasComment(
  comments: readonly { readonly body: string; readonly isOwn: boolean }[],
  kind: ProposalComment["kind"],
  fingerprint: string,
): boolean {
  return comments.some(({ body, isOwn }) => isOwn && body.trimEnd().endsWith(marker(kind, fingerprint)));
}

function marker(kind: string, fingerprint: string): string {
  return `<!-- netlearn:comment:${kind}:${fingerprint.replaceAll(/[^0-9a-f]/gu, "")} -->`;
}

function words(comment: ProposalComment): string {
  switch (comment.kind) {
    case "closed-stays-closed":
      return "This was closed without being merged, so netlearn will not propose the same again. Should something new be observed, a new pull request will name this one.";
    case "held-after-approval":
      return "This has been approved, so netlearn leaves it as it is. What was observed since then will come in a later pull request.";
    case "base-has-it":
      return "The base branch already has everything that this proposed. Nothing is left to merge, so netlearn closes it.";
    case "human-commits":
      return humanCommits(comment.patch);
  }
}

function humanCommits(patch: string): string {
  const intro =
    "Somebody else has committed to this branch, so netlearn does not touch it any more. This is what it would have written:";
  if (patch.length > LONGEST_PATCH) return `${intro}\n\nThe patch has ${patch.length} characters: too long for a comment.`;
  return `${intro}\n\n${fenced("diff", patch)}`;
}

/** Text in a code fence that nothing in it can end. */
export function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/gu), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  // A comment of ours is found by its text: one in a patch must not be.
  return `${fence}${language}\n${text.replaceAll("<!-- netlearn:", "<!-- (netlearn):").trimEnd()}\n${fence}`;
}
