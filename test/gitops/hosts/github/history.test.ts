import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { historyOf, type PlainCommit } from "../../../../src/gitops/hosts/github/history.ts";

/** A commit of a random history: its parents are older ones. */
function commit(id: string, parents: readonly string[]): PlainCommit {
  return { id, message: id, author: "a@example.org", committer: "a@example.org", parents };
}

/** Histories whose first commit is everybody's root; some commits have two parents. */
const world = fc
  .array(fc.tuple(fc.nat(), fc.option(fc.nat(), { nil: undefined })), { minLength: 1, maxLength: 14 })
  .map((choices) =>
    choices.reduce<PlainCommit[]>(
      (commits, [first, second]) => {
        const pick = (choice: number): string => commits[choice % commits.length]?.id ?? "c0";
        const parents = new Set([pick(first), ...(second === undefined ? [] : [pick(second)])]);
        return [...commits, commit(`c${commits.length}`, [...parents])];
      },
      [commit("c0", [])],
    ),
  );

function ancestors(commits: readonly PlainCommit[], id: string): ReadonlySet<string> {
  const found = new Set([id]);
  for (const one of found) commits.find((each) => each.id === one)?.parents.forEach((parent) => found.add(parent));
  return found;
}

/** Common ancestors that no other common ancestor descends from: what git calls the merge bases. */
function mergeBases(commits: readonly PlainCommit[], base: string, head: string): readonly string[] {
  const ofBase = ancestors(commits, base);
  const common = [...ancestors(commits, head)].filter((id) => ofBase.has(id));
  return common.filter((id) => !common.some((other) => other !== id && ancestors(commits, other).has(id)));
}

const question = world.chain((commits) =>
  fc.tuple(
    fc.constant(commits),
    fc.constantFrom(...commits.map(({ id }) => id)),
    fc.constantFrom(...commits.map(({ id }) => id)),
    fc.shuffledSubarray(commits, { minLength: commits.length }),
  ),
);

describe("the history of a branch", () => {
  it("parted from the base where git says, whatever the order of the answer; or that is not said", () => {
    let told = 0;
    fc.assert(
      fc.property(question, ([commits, base, head, shuffled]) => {
        const ofBase = ancestors(commits, base);
        const ofHead = ancestors(commits, head);
        const ahead = shuffled.filter(({ id }) => ofHead.has(id) && !ofBase.has(id));
        const history = historyOf(head, ahead);
        if (history === undefined) return;
        told += 1;
        expect(mergeBases(commits, base, head)).toEqual([history.mergeBase]);
        expect(history.commits.map(({ id }) => id).toSorted()).toEqual(ahead.map(({ id }) => id).toSorted());
        const place = new Map(history.commits.map(({ id }, index) => [id, index]));
        for (const { id, parents } of history.commits) {
          for (const parent of parents) expect(place.get(parent) ?? -1).toBeLessThan(place.get(id) ?? -1);
        }
      }),
      { numRuns: 500 },
    );
    expect(told).toBeGreaterThan(100);
  });

  it("is not told where the base was merged into the branch, or where nothing is shared", () => {
    expect(historyOf("m", [commit("m", ["b", "base"]), commit("b", ["root"])])).toBeUndefined();
    expect(historyOf("b", [commit("b", [])])).toBeUndefined();
    expect(historyOf("gone", [commit("b", ["root"])])).toBeUndefined();
  });
});
