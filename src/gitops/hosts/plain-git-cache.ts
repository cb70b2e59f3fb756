import { createHash } from "node:crypto";
import { lstat, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { unwritable } from "../../lib/atomic-file.ts";
import { NetlearnError } from "../../lib/errors.ts";
import { type GitPlace, gitFailed, gitOutput, runGit } from "./git.ts";
import type { Remote } from "./plain-git-remote.ts";
import { BLOB_FILTER } from "./read-tree.ts";
import type { RemoteAddress } from "./remote-address.ts";

/** Refs of commits that were fetched whole, by their id: processes that fetch the same never disagree about one. */
const SEEN = "refs/seen/";
const LOCKED = /\.lock'?: File exists|cannot lock ref/iu;
/** As long as another process may hold a lock; one that ended with its lock is not waited for any longer. */
const LOCK_MS = 500;
/** As it is, after a wait for a lock, and made anew. */
const ATTEMPTS = 3;

interface Opened {
  readonly place: GitPlace;
  /** Tells whether another process made it anew meanwhile. */
  readonly inode: number;
  readonly seen: Set<string>;
}

/**
 * A bare repository of our own, into which a remote's commits are fetched. It can be thrown away at any time: a broken one is
 * made anew, and several processes may use the same. Git never runs its clean-up in it, so what was fetched stays.
 */
export class GitCache {
  readonly #remote: Remote;
  #opened: Opened | undefined;

  constructor(remote: Remote) {
    this.#remote = remote;
  }

  /**
   * Works with some commits of the remote, once they are all there with their history.
   *
   * @param ids at least one
   * @param work may be begun a second time, in a repository made anew
   * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when they can't be fetched, `NETLEARN_OUTPUT_UNWRITABLE` for a folder that
   *   can't be written to, and what `work` throws
   */
  async use<Value>(ids: readonly string[], work: (place: GitPlace) => Promise<Value>): Promise<Value> {
    for (let attempt = 1; ; attempt += 1) {
      const opened = await this.#open(ids[0] ?? "");
      try {
        await fetchInto(opened, ids, this.#remote);
        return await work(opened.place);
      } catch (error) {
        if (attempt === ATTEMPTS || !isGitFailure(error)) throw error;
        if (!(await this.#isMended(opened, { isFirst: attempt === 1, because: error.message }))) throw error;
        this.#opened = undefined;
      }
    }
  }

  /** Whether trying again can help: a lock may be gone by then, and what is broken is thrown away. */
  async #isMended(
    { place, inode }: Opened,
    failure: { readonly isFirst: boolean; readonly because: string },
  ): Promise<boolean> {
    if (place.signal?.aborted === true) return false;
    const isLocked = LOCKED.test(failure.because);
    if (isLocked && failure.isFirst) {
      await setTimeout(LOCK_MS);
    } else if (isLocked || !(await isSound(place, this.#remote))) {
      await discard(place);
    } else {
      // It is in order: made anew by another process, or the remote is at fault.
      return (await inodeOf(place.folder)) !== inode;
    }
    return true;
  }

  async #open(id: string): Promise<Opened> {
    const { address, cache, git } = this.#remote;
    const format = id.length === 64 ? "sha256" : "sha1";
    const name = createHash("sha256").update(`${format} ${address.url}`).digest("hex").slice(0, 20);
    const folder = path.join(cache, `${name}.git`);
    const place: GitPlace = { ...git, folder, gitDir: folder };
    if ((await inodeOf(folder)) === undefined) await make(this.#remote, folder, format);
    const inode = await inodeOf(folder);
    if (this.#opened !== undefined && this.#opened.inode === inode) return this.#opened;
    this.#opened = { place, inode: inode ?? 0, seen: await seenIn(place) };
    return this.#opened;
  }
}

function isGitFailure(error: unknown): error is NetlearnError {
  return error instanceof NetlearnError && error.code === "NETLEARN_HOST_UNAVAILABLE";
}

async function inodeOf(folder: string): Promise<number | undefined> {
  try {
    return (await lstat(folder)).ino;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unwritable(folder, error);
  }
}

/** Made beside, and then called by its name: nobody sees half of one. */
async function make({ address, cache, git }: Remote, folder: string, format: string): Promise<void> {
  const aside = await aFolderIn(cache, ".new-");
  try {
    const made = path.join(aside, "made");
    const how = ["--bare", "--quiet", "--template=", `--object-format=${format}`];
    await gitOutput({ ...git, folder: aside }, ["init", ...how, "made"]);
    const settings = [
      ["remote.origin.url", address.url],
      ["remote.origin.promisor", "true"],
      ["remote.origin.partialclonefilter", BLOB_FILTER],
    ];
    for (const setting of settings) await gitOutput({ ...git, folder: made, gitDir: made }, ["config", ...setting]);
    await rename(made, folder).catch((error: unknown) => {
      // Another process was faster.
      const isThere =
        error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST");
      if (!isThere) throw unwritable(folder, error);
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function aFolderIn(cache: string, prefix: string): Promise<string> {
  try {
    await mkdir(cache, { recursive: true, mode: 0o700 });
    return await mkdtemp(path.join(cache, prefix));
  } catch (cause) {
    throw unwritable(cache, cause);
  }
}

/** Moved away first: whoever still works in it is not left with half of it. */
async function discard({ folder }: GitPlace): Promise<void> {
  const aside = await aFolderIn(path.dirname(folder), ".gone-");
  await rename(folder, path.join(aside, "gone")).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}

/** Whether everything is there that should be, and for the right remote. */
async function isSound(place: GitPlace, { address }: Remote): Promise<boolean> {
  const url = await runGit(place, ["config", "--get", "remote.origin.url"]).catch(() => undefined);
  if (url?.stdout.toString("utf8").trim() !== address.url) return false;
  return (await runGit(place, ["fsck", "--no-dangling", "--no-progress"])).code === 0;
}

async function seenIn(place: GitPlace): Promise<Set<string>> {
  const refs = await runGit(place, ["for-each-ref", "--format=%(refname)", SEEN]);
  const names = refs.stdout.toString("latin1").split("\n");
  // Where it fails, everything is fetched, and what is wrong comes out then.
  return new Set(refs.code === 0 ? names.map((name) => name.slice(SEEN.length)) : []);
}

async function fetchInto({ place, seen }: Opened, ids: readonly string[], { address }: Remote): Promise<void> {
  const missing = ids.filter((id) => !seen.has(id));
  if (missing.length === 0) return;
  const how = ["--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--recurse-submodules=no", "--refmap="];
  const refspecs = missing.map((id) => `+${id}:${SEEN}${id}\n`).join("");
  const args = ["fetch", ...how, "--stdin", "origin"];
  const fetched = await runGit(place, args, refspecs);
  // Git leaves such commits out, and calls that a success.
  if (/shallow roots are not allowed/u.test(fetched.stderr)) throw isShallow(address);
  if (fetched.code !== 0) throw gitFailed(args, fetched);
  for (const id of missing) seen.add(id);
}

function isShallow({ name }: RemoteAddress): NetlearnError {
  return new NetlearnError(
    "NETLEARN_INPUT_MISSING",
    `${name} is a shallow clone: it lacks the history from which people's commits are told`,
    { hint: "Run git fetch --unshallow there, or name the repository that it was cloned from." },
  );
}
