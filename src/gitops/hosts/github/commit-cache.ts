import { existsSync } from "node:fs";
import path from "node:path";
import { NetlearnError } from "../../../lib/errors.ts";
import { type CacheFolder, inodeOf, isMended, makeCache } from "../cache-folder.ts";
import { type GitPlace, gitOutput, runGit } from "../git.ts";
import { BLOB_FILTER } from "../read-tree.ts";
import type { GitHubOptions, GitHubPlace } from "./options.ts";

/** Of as many others at work in it, each may be faster once. */
const ATTEMPTS = 8;

/**
 * A bare repository that holds the commits that were read, without their history and without what is no manifest. A broken one is
 * made anew, and several processes may use the same.
 */
export class CommitCache {
  readonly #place: GitHubPlace;
  readonly #cache: CacheFolder;

  constructor(place: GitHubPlace, { cacheFolder: folder, env, clock }: GitHubOptions) {
    const git = { userConfig: false, env, ...(clock.signal && { signal: clock.signal }) };
    this.#place = place;
    this.#cache = { folder, url: place.gitUrl, format: "sha1", git };
  }

  /**
   * Where a commit can be read: fetched when it is not there.
   *
   * @param commit as hexadecimal digits
   * @param token is asked for only when something is fetched
   * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`, `NETLEARN_OUTPUT_UNWRITABLE` for a folder that can't be written to
   */
  async at(commit: string, token: () => Promise<string>): Promise<GitPlace> {
    const { folder, git } = this.#cache;
    const place: GitPlace = { ...git, folder, gitDir: folder };
    for (let attempt = 1; ; attempt += 1) {
      if (!existsSync(path.join(folder, "HEAD"))) await makeCache(this.#cache);
      const inode = await inodeOf(folder);
      try {
        await this.#fetched(place, commit, token);
        return place;
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof NetlearnError)) throw error;
        const failure = { inode, because: error.message };
        if (!(await isMended(this.#cache, failure))) throw error;
      }
    }
  }

  async #fetched(place: GitPlace, commit: string, token: () => Promise<string>): Promise<void> {
    const { code } = await runGit(place, ["cat-file", "-e", `${commit}^{commit}`]);
    if (code === 0) return;
    const credentials = { origin: this.#place.origin, user: "x-access-token", token: await token() };
    const how = ["--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--depth=1"];
    // The reference tells the next fetch what is there already.
    const what = [`--filter=${BLOB_FILTER}`, "origin", `+${commit}:refs/netlearn/read`];
    await gitOutput({ ...place, credentials }, ["fetch", ...how, ...what]);
  }
}
