import { z } from "zod";
import type { FoundBranch, FoundCommit } from "../../host.ts";
import { dataOf } from "./answer.ts";
import type { Asking } from "./asking.ts";
import type { ComparedAnswer, PullAnswer } from "./find-query.ts";
import { type History, historyOf, type PlainCommit, parentsFirst } from "./history.ts";
import { isOwnCommit, type Viewer } from "./identity.ts";

/** A branch as it was answered. */
export interface BranchAnswer {
  readonly name: string;
  readonly head: string;
  /** Null where GitHub could not compare. */
  readonly compared: ComparedAnswer | null;
  /** All of the branch, in any state. */
  readonly pulls: readonly PullAnswer[];
}

/** What a branch is compared with. */
interface About {
  readonly base: { readonly branch: string; readonly head: string };
  readonly viewer: Viewer;
}

/**
 * A branch as it is told. Where one answer does not say all of its history, GitHub is asked to compare the commits.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`
 */
export async function branchOf(asking: Asking, { base, viewer }: About, answer: BranchAnswer): Promise<FoundBranch> {
  const { name, head, pulls } = answer;
  const { commits, mergeBase, isCut } = knownHistory(answer) ?? (await comparedHistory(asking, base.head, head));
  const open = pulls.find((pull) => pull.state === "OPEN" && pull.baseRefName === base.branch);
  return {
    name,
    head,
    commits: commits.map(
      ({ id, message, author, committer }): FoundCommit => ({
        id,
        message,
        author,
        committer,
        isOwn: isCut !== true && isOwnCommit({ author, committer }, viewer, asking),
      }),
    ),
    conflicts: open?.mergeable === "CONFLICTING" ? true : open?.mergeable === "MERGEABLE" ? false : undefined,
    mergeBase,
  };
}

function knownHistory({ head, compared }: BranchAnswer): History | undefined {
  // A tag may have the branch's name, and the branch may move between two looks.
  if (compared === null || compared.headTarget.oid !== head) return undefined;
  const commits = (compared.commits.nodes ?? []).filter((commit) => commit !== null);
  if (commits.length !== compared.aheadBy || commits.some(({ parents }) => parents.pageInfo.hasNextPage))
    return undefined;
  return historyOf(
    head,
    commits.map(({ oid, message, author, committer, parents }) => ({
      id: oid,
      message,
      author: lower(author?.email),
      committer: lower(committer?.email),
      parents: (parents.nodes ?? []).flatMap((parent) => (parent === null ? [] : [parent.oid])),
    })),
  );
}

const Person = z.object({ email: z.string().nullish() }).nullable();
const Commit = z.object({
  sha: z.string(),
  commit: z.object({ message: z.string(), author: Person, committer: Person }),
  parents: z.array(z.object({ sha: z.string() })),
});
const Comparison = z.object({
  total_commits: z.int(),
  merge_base_commit: z.object({ sha: z.string() }),
  commits: z.array(Commit),
});
const Lone = z.object({ sha: z.string(), message: z.string(), author: Person, committer: Person });
const PER_PAGE = 100;

async function comparedHistory(asking: Asking, base: string, head: string): Promise<History> {
  const { client, place } = asking;
  const known = new Map<string, PlainCommit>();
  for (let page = 1; ; page += 1) {
    const answer = await client.read("GET /repos/{owner}/{repo}/compare/{basehead}", {
      basehead: `${base}...${head}`,
      per_page: PER_PAGE,
      page,
    });
    if (answer.kind === "denied" && answer.status === 404) return await strangersHistory(asking, head);
    const comparison = Comparison.parse(dataOf(answer, place.name));
    for (const { sha, commit, parents } of comparison.commits) {
      known.set(sha, { id: sha, ...plain(commit), parents: parents.map((parent) => parent.sha) });
    }
    if (comparison.commits.length === 0 || known.size >= comparison.total_commits) {
      return { commits: parentsFirst(head, known), mergeBase: comparison.merge_base_commit.sha };
    }
  }
}

/** Nothing is shared with the base: what lies under the head of such a branch can't be said, so it counts as people's. */
async function strangersHistory({ client, place }: Asking, head: string): Promise<History> {
  const answer = await client.read("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", { commit_sha: head });
  const lone = Lone.parse(dataOf(answer, place.name));
  return { commits: [{ id: head, ...plain(lone), parents: [] }], mergeBase: head, isCut: true };
}

function plain(
  commit: Pick<z.infer<typeof Lone>, "message" | "author" | "committer">,
): Omit<PlainCommit, "id" | "parents"> {
  return { message: commit.message, author: lower(commit.author?.email), committer: lower(commit.committer?.email) };
}

function lower(email: string | null | undefined): string {
  return (email ?? "").toLowerCase();
}
