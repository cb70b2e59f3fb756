import type { FoundCommit } from "../host.ts";
import { type GitPlace, gitOutput } from "./git.ts";

/** What branches have and their base has not: by id, parents before children. */
export type Ahead = ReadonlyMap<string, { readonly commit: FoundCommit; readonly parents: readonly string[] }>;

/**
 * Reads, in one go, all commits of some branches that the base has not.
 *
 * @param asked.email of netlearn's own commits, in lower case
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when a commit is not there
 */
export async function aheadOf(
  place: GitPlace,
  { base, heads, email }: { readonly base: string; readonly heads: readonly string[]; readonly email: string },
): Promise<Ahead> {
  const ahead = new Map<string, { readonly commit: FoundCommit; readonly parents: readonly string[] }>();
  if (heads.length === 0) return ahead;
  const format = "--format=%H%x00%P%x00%ae%x00%ce%x00%B%x00";
  const how = ["--reverse", "--topo-order", "--encoding=UTF-8", "--no-commit-header", format];
  const listed = await gitOutput(place, ["rev-list", ...how, "--stdin"], `${[`^${base}`, ...heads].join("\n")}\n`);
  const fields = listed.toString("utf8").split("\0");
  for (let at = 0; at + 5 < fields.length; at += 5) {
    // A line break stands between two commits.
    const [first = "", parents = "", author = "", committer = "", message = ""] = fields.slice(at, at + 5);
    const id = first.trim();
    const by = { author: author.toLowerCase(), committer: committer.toLowerCase() };
    const commit = { id, message, ...by, isOwn: by.author === email && by.committer === email };
    ahead.set(id, { commit, parents: parents.split(" ").filter((parent) => parent !== "") });
  }
  return ahead;
}

/**
 * What of it a branch has.
 *
 * @returns commits oldest first, and where they left the base: with a single place, that is the merge base
 */
export function ownPart(
  ahead: Ahead,
  head: string,
): { readonly commits: readonly FoundCommit[]; readonly left: readonly string[] } {
  const reached = new Set([head]);
  for (const id of reached) for (const parent of ahead.get(id)?.parents ?? []) reached.add(parent);
  const commits = [...ahead.values()].flatMap(({ commit }) => (reached.has(commit.id) ? [commit] : []));
  return { commits, left: [...reached].filter((id) => !ahead.has(id)) };
}
