import { mkdir } from "node:fs/promises";
import path from "node:path";
import { unwritable } from "../../lib/atomic-file.ts";
import { NetlearnError } from "../../lib/errors.ts";
import { type GitPlace, gitFailed, runGit } from "./git.ts";
import { hintOf } from "./plain-git-answers.ts";
import type { RemoteAddress } from "./remote-address.ts";

/** A remote, and how git is run to speak with it. */
export interface Remote {
  readonly address: RemoteAddress;
  /** Absolute; made when it is missing. What is fetched is kept below it. */
  readonly cache: string;
  readonly git: Omit<GitPlace, "folder" | "gitDir">;
}

/** What a remote says that it has. */
export interface RemoteRefs {
  /** Commits of branches, by the branches' names; the default branch is always among them. */
  readonly heads: ReadonlyMap<string, string>;
  /** Undefined where no branch is checked out, or none was pushed yet. */
  readonly defaultBranch: string | undefined;
}

/**
 * Asks a remote where branches are. Besides those asked about come those that share their first folder: one called like a
 * folder of another stands in its way.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`, `NETLEARN_OUTPUT_UNWRITABLE`
 */
export async function listRemote(remote: Remote, branches: readonly string[]): Promise<RemoteRefs> {
  const tops = new Set(branches.map((name) => name.replace(/\/.*$/u, "")));
  return await ask(remote, ["HEAD", ...[...tops].flatMap((top) => [`refs/heads/${top}`, `refs/heads/${top}/*`])]);
}

/**
 * All branches of a remote.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`, `NETLEARN_OUTPUT_UNWRITABLE`
 */
export async function listBranches(remote: Remote): Promise<readonly string[]> {
  const { heads } = await ask(remote, ["refs/heads/*"]);
  return [...heads.keys()].toSorted();
}

async function ask(remote: Remote, patterns: readonly string[]): Promise<RemoteRefs> {
  await mkdir(remote.cache, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw unwritable(remote.cache, cause);
  });
  // No repository is needed, and none that happens to be around is asked how to reach the remote.
  const place: GitPlace = { ...remote.git, folder: remote.cache, gitDir: path.join(remote.cache, "none") };
  const args = ["ls-remote", "--symref", "--", remote.address.url, ...patterns];
  const result = await runGit(place, args);
  if (result.code !== 0) {
    const { message } = gitFailed(args, result);
    throw new NetlearnError("NETLEARN_HOST_UNAVAILABLE", `${remote.address.name}: ${message}`, {
      hint: hintOf(result.stderr),
    });
  }
  return parsed(result.stdout.toString("utf8"));
}

function parsed(listing: string): RemoteRefs {
  const heads = new Map<string, string>();
  let defaultBranch: string | undefined;
  for (const line of listing.split("\n")) {
    const [value = "", name = ""] = line.split("\t");
    if (value.startsWith("ref: ") && name === "HEAD") defaultBranch = branchOf(value.slice("ref: ".length));
    const branch = name === "HEAD" ? defaultBranch : branchOf(name);
    if (branch !== undefined && /^[0-9a-f]{40,64}$/u.test(value)) heads.set(branch, value);
  }
  return { heads, defaultBranch };
}

function branchOf(ref: string): string | undefined {
  return ref.startsWith("refs/heads/") ? ref.slice("refs/heads/".length) : undefined;
}

/**
 * Which branch leaves no room for another: git keeps branches as files, and `a` can't be a file and the folder of `a/b`.
 *
 * @returns undefined: none that is known of
 */
export function inTheWay(heads: ReadonlyMap<string, string>, branch: string): string | undefined {
  return [...heads.keys()].find((name) => branch.startsWith(`${name}/`) || name.startsWith(`${branch}/`));
}

/** The sentence for a branch that is in the way. */
export function blockedBy(other: string, branch: string): string {
  return `The branch ${other} leaves no room for ${branch}, as git can't have both: rename or delete ${other}.`;
}

/**
 * Refuses what git takes for no branch's name (git-check-ref-format), or for a pattern.
 *
 * @throws NetlearnError `NETLEARN_USAGE`
 */
export function checkBranchName(name: string): void {
  const isOdd = (part: string): boolean => part === "" || part.startsWith(".") || part.endsWith(".lock");
  const isPlain = !/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\.$|^-|^@$/u.test(name) && name.isWellFormed();
  if (isPlain && !name.split("/").some(isOdd)) return;
  throw new NetlearnError("NETLEARN_USAGE", `${JSON.stringify(name)} is no branch's name`, {
    hint: "Give the name alone, as git branch prints it.",
  });
}
