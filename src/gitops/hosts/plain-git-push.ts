import { NetlearnError } from "../../lib/errors.ts";
import type { WriteResult } from "../host.ts";
import { type GitPlace, type GitResult, runGit } from "./git.ts";
import { isForGood, oneLine, sentenceOf } from "./plain-git-answers.ts";
import { blockedBy, checkBranchName, inTheWay, listRemote, type Remote } from "./plain-git-remote.ts";

/** A branch and where it goes. */
export interface RefChange {
  readonly branch: string;
  /** Undefined: it must not exist. */
  readonly expected: string | undefined;
  /** Undefined: it is deleted. */
  readonly to: string | undefined;
}

/** A local repository's files never follow a push, whatever its settings say. Run by a shell: no data is in it. */
const RECEIVE_PACK = "--receive-pack=git -c receive.denyCurrentBranch=refuse receive-pack";

/**
 * Moves a branch of the remote, if it is still where it is expected to be: the server compares and swaps. One ref is moved
 * wholly or not at all, so that nothing has to be asked of servers (`--atomic`) that some of them lack.
 *
 * @returns what came of it, looked up on the remote where git's answer is not plain
 * @throws NetlearnError `NETLEARN_USAGE` for what is no branch's name
 */
export async function pushRef(remote: Remote, place: GitPlace, change: RefChange): Promise<WriteResult> {
  checkBranchName(change.branch);
  const ref = `refs/heads/${change.branch}`;
  const lease = `--force-with-lease=${ref}:${change.expected ?? ""}`;
  const local = remote.address.protocol === "file" ? [RECEIVE_PACK] : [];
  const how = ["--porcelain", "--no-verify", "--no-follow-tags", "--no-progress", lease, ...local];
  const pushed = await orDeferred(() =>
    runGit(place, ["push", ...how, "--", remote.address.url, `${change.to ?? ""}:${ref}`]),
  );
  if (!("code" in pushed)) return pushed;
  return pushed.code === 0 ? { kind: "done", value: undefined } : await explained(remote, change, pushed);
}

/**
 * Whatever ends a write without an answer (the network, a stop, a timeout) leaves it to the next run.
 *
 * @throws what `write` throws, but for NetlearnError `NETLEARN_HOST_UNAVAILABLE`
 */
export async function orDeferred<Value>(write: () => Promise<Value>): Promise<Value | Deferred> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof NetlearnError) || error.code !== "NETLEARN_HOST_UNAVAILABLE") throw error;
    return { kind: "deferred", because: oneLine(error.message) };
  }
}

interface Deferred {
  readonly kind: "deferred";
  readonly because: string;
}

/** Git's words differ by version and server; where the branch is does not. */
async function explained(remote: Remote, change: RefChange, { stdout, stderr }: GitResult): Promise<WriteResult> {
  const { branch, expected, to } = change;
  const said = sentenceOf(stdout.toString("utf8"), stderr);
  const verdict = isForGood(`${stdout.toString("utf8")}\n${stderr}`) ? "refused" : "deferred";
  const refs = await orDeferred(() => listRemote(remote, [branch]));
  if (!("heads" in refs)) return { kind: verdict, because: said };
  const now = refs.heads.get(branch);
  if (now === to && to !== undefined) return { kind: "done", value: undefined };
  if (now !== expected) return { kind: "lost-race", because: `Somebody moved ${branch} meanwhile.` };
  const other = inTheWay(refs.heads, branch);
  if (other !== undefined) return { kind: "refused", because: blockedBy(other, branch) };
  if (/currently checked out|delete the current branch/u.test(said)) {
    return {
      kind: "refused",
      because: `${branch} is checked out in ${remote.address.name}, whose files are left alone: check out another branch there.`,
    };
  }
  return { kind: verdict, because: said };
}
