import type { Proposal } from "../../model/proposal.ts";
import type { FoundPullRequest } from "../host.ts";
import type { Situation, Verdict } from "./step.ts";
import { held } from "./step.ts";
import { isClosedByUs } from "./texts.ts";

/** Those of the unit that people closed, newest first. */
export function closedByPeople({ found, unit }: Situation): readonly FoundPullRequest[] {
  return found.pullRequests.filter(
    ({ branch, state, title }) => branch === unit.branch && state === "closed" && !isClosedByUs(title),
  );
}

/** The newest that people closed and that proposed the same, as its text says. */
export function refusedAs(situation: Situation, { fingerprint }: Proposal): FoundPullRequest | undefined {
  return closedByPeople(situation).find(({ body }) => situation.texts.readState(body)?.fingerprint === fingerprint);
}

/** Held, and said so once where it was closed. */
export function staysClosed({ texts }: Situation, proposal: Proposal, refused: FoundPullRequest): Verdict {
  const isSaid = texts.hasComment(refused.comments, "stays-closed", proposal.fingerprint);
  return held(
    "rejected",
    `#${refused.number} proposed the same and was closed. Reopen it to take it up again.`,
    isSaid ? [] : [{ kind: "comment", number: refused.number, body: texts.comment("stays-closed", proposal) }],
  );
}
