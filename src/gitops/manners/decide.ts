import { decideOpen } from "./decide-open.ts";
import { decideUnopened } from "./decide-unopened.ts";
import type { Situation, Verdict } from "./step.ts";

/**
 * What a run does about one unit: rules 6 to 18, 24 and 26 of the git writer. Looks at nothing but its input, so that equal
 * situations give equal steps; after the steps are carried out, the same question is answered with none.
 *
 * What people write into a pull request's text is overwritten when the text is next written, as the text says: theirs are
 * the title, the comments, the boxes and the commits.
 *
 * @returns steps in the order in which they have to be carried out
 */
export function decide(situation: Situation): Verdict {
  const { found, unit } = situation;
  if (found.readOnly !== undefined) {
    return { outcome: { kind: "blocked", reason: "read-only", because: found.readOnly }, steps: [] };
  }
  const branch = found.branches.find(({ name }) => name === unit.branch);
  const open = found.pullRequests.find((each) => each.branch === unit.branch && each.state === "open");
  return open === undefined ? decideUnopened(situation, branch) : decideOpen(situation, { pull: open, branch });
}
