import { NetlearnError } from "../../lib/errors.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import type { Found, FoundBranch } from "../host.ts";
import { type GitPlace, gitFailed, runGit } from "./git.ts";
import { type Ahead, aheadOf, ownPart } from "./plain-git-ahead.ts";
import type { GitCache } from "./plain-git-cache.ts";
import {
  blockedBy,
  checkBranchName,
  inTheWay,
  listBranches,
  listRemote,
  type Remote,
  type RemoteRefs,
} from "./plain-git-remote.ts";

const AT_ONCE = 4;

/** What is asked for. */
export interface Question {
  /** Undefined: the remote's default branch. */
  readonly base: string | undefined;
  readonly branches: readonly string[];
  /** The e-mail address of netlearn's own commits, in lower case. */
  readonly email: string;
}

/**
 * What a remote has for some branches. It is asked once where they are; what is said about them is all from that moment.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when it can't be asked, `NETLEARN_INPUT_MISSING` when it has no base,
 *   `NETLEARN_USAGE` for what is no branch's name
 */
export async function findOn(remote: Remote, cache: GitCache, { base, branches, email }: Question): Promise<Found> {
  for (const each of base === undefined ? branches : [base, ...branches]) checkBranchName(each);
  const refs = await listRemote(remote, [...(base === undefined ? [] : [base]), ...branches]);
  const name = base ?? refs.defaultBranch;
  const head = name === undefined ? undefined : refs.heads.get(name);
  if (name === undefined || head === undefined) throw await noBase(remote, base);
  const there = branches.flatMap((each) => {
    const at = refs.heads.get(each);
    return at === undefined ? [] : [{ name: each, head: at }];
  });
  const ids = there.map((each) => each.head);
  const found = await cache.use([head, ...ids], async (place) => {
    const ahead = await aheadOf(place, { base: head, heads: ids, email });
    return await inParallel(there, AT_ONCE, async (branch) => await foundBranch(place, branch, { base: head, ahead }));
  });
  return {
    base: { branch: name, head },
    readOnly: whyReadOnly(refs, branches),
    branches: found,
    pullRequests: [],
    openPullRequests: 0,
    createdLastHour: 0,
  };
}

/** Git rule 2: when no branch has room, nothing can be written; where it is one alone, writing it says so. */
function whyReadOnly({ heads }: RemoteRefs, branches: readonly string[]): string | undefined {
  const [first, ...others] = branches;
  if (first === undefined) return undefined;
  const other = inTheWay(heads, first);
  const isInEveryWay =
    other !== undefined && others.every((branch) => inTheWay(new Map([[other, ""]]), branch) === other);
  return isInEveryWay ? blockedBy(other, first) : undefined;
}

async function noBase(remote: Remote, base: string | undefined): Promise<NetlearnError> {
  const branches = await listBranches(remote);
  const { name } = remote.address;
  if (branches.length === 0) {
    return new NetlearnError("NETLEARN_INPUT_MISSING", `${name} is empty: it has no branch yet`, {
      hint: "Push a first commit, then run again.",
    });
  }
  const some = `${branches.slice(0, 10).join(", ")}${branches.length > 10 ? ", ..." : ""}`;
  return new NetlearnError(
    "NETLEARN_INPUT_MISSING",
    base === undefined ? `${name} has no default branch` : `${name} has no branch ${JSON.stringify(base)}`,
    { hint: `Name a base that is there: ${some}.` },
  );
}

async function foundBranch(
  place: GitPlace,
  { name, head }: { readonly name: string; readonly head: string },
  { base, ahead }: { readonly base: string; readonly ahead: Ahead },
): Promise<FoundBranch> {
  const { commits, left } = ownPart(ahead, head);
  const [only, ...others] = left;
  const mergeBase = only !== undefined && others.length === 0 ? only : await mergeBaseOf(place, base, head);
  // A branch that the base has, or that stands on it, is merged as it is.
  const conflicts = mergeBase === base || mergeBase === head ? false : await isInConflict(place, base, head);
  return { name, head, commits, conflicts, mergeBase };
}

/** Empty for histories that have nothing in common. */
async function mergeBaseOf(place: GitPlace, base: string, head: string): Promise<string> {
  const args = ["merge-base", base, head];
  const result = await runGit(place, args);
  if (result.code > 1) throw gitFailed(args, result);
  return result.stdout.toString("latin1").trim();
}

/** Undefined where git can't tell: before 2.38, and where a partial clone lacks a file. */
async function isInConflict(place: GitPlace, base: string, head: string): Promise<boolean | undefined> {
  const { code, stderr } = await runGit(place, ["merge-tree", "--write-tree", "--no-messages", base, head]);
  if (code === 0) return false;
  return code === 1 || /unrelated histories/u.test(stderr) ? true : undefined;
}
