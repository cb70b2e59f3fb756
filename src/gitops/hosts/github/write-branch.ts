import { z } from "zod";
import type { BranchWrite, WriteResult } from "../../host.ts";
import { checkPath } from "../paths.ts";
import { listTree } from "../read-tree.ts";
import { writeResult } from "./answer.ts";
import type { GitHubClient } from "./client.ts";
import type { CommitCache } from "./commit-cache.ts";
import type { Known } from "./known.ts";
import { moveBranch } from "./move-branch.ts";
import type { GitHubOptions } from "./options.ts";
import { newTreeEntries } from "./tree-entries.ts";

/** What writing needs. */
export interface Writing {
  readonly client: GitHubClient;
  readonly options: Pick<GitHubOptions, "author">;
  readonly cache: CommitCache;
  /** For git. */
  readonly token: () => Promise<string>;
  readonly known: Known;
}

const Made = z.object({ sha: z.string() });

/**
 * Makes a commit and moves the branch to it. Tree and commit are nobody's until the branch moves, which is one compare-and-swap:
 * whoever is cut off before has changed nothing. An App names no author, so that GitHub signs the commit as its own.
 *
 * @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE` for a path that is never written; `NETLEARN_HOST_UNAVAILABLE` when the
 * commit below can't be read, or the credentials are refused
 */
export async function writeBranch(
  { client, options, cache, token, known }: Writing,
  { branch, parent, expected, changes, message }: BranchWrite,
): Promise<WriteResult<{ readonly head: string }>> {
  for (const { path } of changes) checkPath(path);
  const place = await cache.at(parent, token);
  const entries = newTreeEntries(changes, await listTree(place, parent));
  if (typeof entries === "string") return { kind: "refused", because: entries };
  if (entries.length === 0) return { kind: "refused", because: `${parent} has it all already.` };
  const tree = await client.write("POST /repos/{owner}/{repo}/git/trees", { base_tree: parent, tree: entries });
  if (tree.kind !== "ok") return writeResult(tree);
  const { author } = options;
  const commit = await client.write("POST /repos/{owner}/{repo}/git/commits", {
    message,
    tree: Made.parse(tree.data).sha,
    parents: [parent],
    ...(known.viewer.isBot ? {} : { author, committer: author }),
  });
  if (commit.kind !== "ok") return writeResult(commit);
  const head = Made.parse(commit.data).sha;
  const isForced = expected !== undefined && expected !== parent;
  const moved = await moveBranch(client, known.repositoryId, { branch, from: expected, to: head, isForced });
  return moved.kind === "done" ? { kind: "done", value: { head } } : moved;
}
