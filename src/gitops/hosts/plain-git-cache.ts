import { createHash } from "node:crypto";
import path from "node:path";
import { NetlearnError } from "../../lib/errors.ts";
import { type CacheFolder, inodeOf, isMended, makeCache } from "./cache-folder.ts";
import { type GitPlace, gitFailed, runGit } from "./git.ts";
import type { Remote } from "./plain-git-remote.ts";
import type { RemoteAddress } from "./remote-address.ts";

/** Refs of commits that were fetched whole, by their id: processes that fetch the same never disagree about one. */
const SEEN = "refs/seen/";
/** As it is, after a wait for a lock, and made anew. */
const ATTEMPTS = 3;

interface Opened {
  readonly cache: CacheFolder;
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
        const failure = { inode: opened.inode, because: error.message };
        if (!(await isMended(opened.cache, failure))) throw error;
        this.#opened = undefined;
      }
    }
  }

  async #open(id: string): Promise<Opened> {
    const { address, cache, git } = this.#remote;
    const format = id.length === 64 ? "sha256" : "sha1";
    const name = createHash("sha256").update(`${format} ${address.url}`).digest("hex").slice(0, 20);
    const folder = path.join(cache, `${name}.git`);
    const place: GitPlace = { ...git, folder, gitDir: folder };
    const described = { folder, url: address.url, format, git } as const;
    if ((await inodeOf(folder)) === undefined) await makeCache(described);
    const inode = await inodeOf(folder);
    if (this.#opened !== undefined && this.#opened.inode === inode) return this.#opened;
    this.#opened = { cache: described, place, inode: inode ?? 0, seen: await seenIn(place) };
    return this.#opened;
  }
}

function isGitFailure(error: unknown): error is NetlearnError {
  return error instanceof NetlearnError && error.code === "NETLEARN_HOST_UNAVAILABLE";
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
