import type { Step } from "./step.ts";

/** A write on a host in words; one line, with names from the cluster in it. */
export function stepText(step: Step): string {
  switch (step.kind) {
    case "write-branch": {
      const how = { create: "create", replace: "force-push", append: "push to" }[step.how];
      const files = step.changes.length === 1 ? "1 file" : `${step.changes.length} files`;
      return `${how} branch ${step.branch}: one commit of ${files} on ${step.parent.slice(0, 12)}`;
    }
    case "delete-branch":
      return `delete branch ${step.branch}, which is at ${step.expected.slice(0, 12)}`;
    case "open":
      return `open a ${step.isDraft ? "draft " : ""}pull request into ${step.base}: ${step.title}`;
    case "edit":
      return `edit the text of #${step.number}`;
    case "close":
      return `close #${step.number}`;
    case "comment":
      return `comment on #${step.number}`;
    case "label":
      return `label ${numbered(step.number)}: ${step.labels.join(", ")}`;
    case "review-request":
      return `ask for reviews of ${numbered(step.number)}: ${[...step.reviewers, ...step.teams].join(", ")}`;
    case "write-issue":
      return `${step.number === undefined ? "open" : "edit"} the issue ${step.title}`;
  }
}

function numbered(number: number | undefined): string {
  return number === undefined ? "it" : `#${number}`;
}
