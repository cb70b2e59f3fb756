import type { Step } from "./step.ts";

/** A write on a host in words; one line, with names from the cluster in it. */
export function stepText(step: Step): string {
  switch (step.kind) {
    case "write-branch":
      return writeText(step);
    case "delete-branch":
      return `delete branch ${step.branch}, which is at ${step.expected.slice(0, 12)}`;
    case "open":
      return `open a ${step.isDraft ? "draft " : ""}pull request into ${step.base}: ${step.title}`;
    case "edit":
      return `edit the text of #${step.number}`;
    case "set-draft":
      return draftText(step);
    case "close":
      return `close #${step.number}`;
    case "comment":
      return `comment on #${step.number}`;
    case "label":
      return `label ${numbered(step.number)}: ${step.labels.join(", ")}`;
    case "review-request":
      return `ask for reviews of ${numbered(step.number)}: ${[...step.reviewers, ...step.teams].join(", ")}`;
    case "write-issue":
      return `write the issue ${step.title}`;
  }
}

function writeText({ how, branch, changes, parent }: Extract<Step, { kind: "write-branch" }>): string {
  const verb = { create: "create", replace: "force-push", append: "push to" }[how];
  const files = changes.length === 1 ? "1 file" : `${changes.length} files`;
  return `${verb} branch ${branch}: one commit of ${files} on ${parent.slice(0, 12)}`;
}

function draftText({ number, isDraft }: Extract<Step, { kind: "set-draft" }>): string {
  return isDraft ? `make #${number} a draft` : `mark #${number} as ready for review`;
}

function numbered(number: number | undefined): string {
  return number === undefined ? "it" : `#${number}`;
}
