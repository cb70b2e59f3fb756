/** A commit as it is told. */
export interface PlainCommit {
  readonly id: string;
  readonly message: string;
  /** E-mail addresses, in lower case. */
  readonly author: string;
  readonly committer: string;
  readonly parents: readonly string[];
}

/** What a branch has that the base has not. */
export interface History {
  /** Oldest first: parents before their children. */
  readonly commits: readonly PlainCommit[];
  readonly mergeBase: string;
  /** More lies below that was not looked at. */
  readonly isCut?: boolean;
}

/**
 * The history of a branch from its commits alone. They are all that the base does not have; where only one of their parents is
 * not among them, every way from the branch into the base leads through it, so it is where they parted.
 *
 * @param head the branch's
 * @param commits in any order
 * @returns undefined where that can't be said: none or several ways lead into the base
 */
export function historyOf(head: string, commits: readonly PlainCommit[]): History | undefined {
  if (commits.length === 0) return { commits: [], mergeBase: head };
  const known = new Map(commits.map((commit) => [commit.id, commit]));
  const outside = new Set(commits.flatMap(({ parents }) => parents.filter((id) => !known.has(id))));
  const [mergeBase] = outside;
  if (outside.size !== 1 || mergeBase === undefined || !known.has(head)) return undefined;
  return { commits: parentsFirst(head, known), mergeBase };
}

/**
 * Commits in the order in which they were made, whatever their dates say.
 *
 * @param known what is not reachable from the head is left out
 */
export function parentsFirst(head: string, known: ReadonlyMap<string, PlainCommit>): readonly PlainCommit[] {
  const done = new Set<PlainCommit>();
  const entered = new Set<string>();
  const waiting = [head];
  for (let id = waiting.at(-1); id !== undefined; id = waiting.at(-1)) {
    const commit = known.get(id);
    const parents = entered.has(id) || commit === undefined ? [] : commit.parents.filter((one) => !entered.has(one));
    entered.add(id);
    if (parents.length > 0) {
      waiting.push(...parents.toReversed());
      continue;
    }
    waiting.pop();
    if (commit !== undefined) done.add(commit);
  }
  return [...done];
}
