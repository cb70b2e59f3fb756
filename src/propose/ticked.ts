import type { Found } from "../gitops/host.ts";
import { carriedDecisions, type PendingDecision } from "../gitops/manners/recorded.ts";
import { identified } from "../lib/identified.ts";
import { connectionWords, type Decision } from "../model/proposal.ts";
import type { Proposals } from "../propose.ts";
import { tickedBoxes } from "../report/proposal/boxes.ts";
import { rejectionOf } from "../report/proposal/decision-entry.ts";

/**
 * What readers of open pull requests decided and the base does not have yet: what earlier runs wrote down on branches, and what is
 * ticked now. A tick at something that nobody was seen doing says nothing.
 *
 * @param today `YYYY-MM-DD`
 */
export function pendingDecisions(
  found: Found,
  { observed, decisions, proposals }: Pick<Proposals, "observed" | "decisions" | "proposals">,
  today: string,
): readonly PendingDecision[] {
  const accesses = [
    ...observed.edges.map((edge) => identified(connectionWords(edge))),
    ...proposals.flatMap(({ evidence }) => evidence),
  ];
  const names = new Map(accesses.map((access) => [access.id, rejectionOf(access)]));
  const ticked = found.pullRequests
    .filter(({ state }) => state === "open")
    .flatMap(({ body, branch, number, editor }) =>
      tickedBoxes(body).rejected.flatMap((id): PendingDecision[] => {
        const what = names.get(id);
        if (what === undefined) return [];
        const who = editor ?? "a reader";
        return [
          { branch, decision: { kind: "reject", what, who, why: `ticked in #${number}`, on: today, until: undefined } },
        ];
      }),
    );
  const known = new Set(decisions.valid.map(keyOf));
  const pending = new Map<string, PendingDecision>();
  for (const each of [...carriedDecisions(found), ...ticked]) {
    const key = keyOf(each.decision);
    if (!known.has(key) && !pending.has(key)) pending.set(key, each);
  }
  return [...pending.values()];
}

function keyOf({ kind, what }: Decision): string {
  return JSON.stringify([kind, what]);
}
