import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type GitPlace, gitOutput, runGit } from "../git.ts";
import { BLOB_FILTER } from "../read-tree.ts";
import type { GitHubOptions, GitHubPlace } from "./options.ts";

/** A bare repository that holds the commits that were read, without their history and without what is no manifest. */
export class CommitCache {
  readonly #place: GitHubPlace;
  readonly #options: GitHubOptions;
  #isSetUp = false;

  constructor(place: GitHubPlace, options: GitHubOptions) {
    this.#place = place;
    this.#options = options;
  }

  /**
   * Where a commit can be read: fetched when it is not there.
   *
   * @param commit as hexadecimal digits
   * @param token is asked for only when something is fetched
   * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`
   */
  async at(commit: string, token: () => Promise<string>): Promise<GitPlace> {
    const { cacheFolder: folder, env, clock } = this.#options;
    const place: GitPlace = { folder, userConfig: false, env, ...(clock.signal && { signal: clock.signal }) };
    await this.#setUp(place);
    const { code } = await runGit(place, ["cat-file", "-e", `${commit}^{commit}`]);
    if (code === 0) return place;
    const credentials = { origin: this.#place.origin, user: "x-access-token", token: await token() };
    const how = ["--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--depth=1"];
    // The reference tells the next fetch what is there already.
    const what = [`--filter=${BLOB_FILTER}`, "origin", `+${commit}:refs/netlearn/read`];
    await gitOutput({ ...place, credentials }, ["fetch", ...how, ...what]);
    return place;
  }

  async #setUp(place: GitPlace): Promise<void> {
    if (this.#isSetUp) return;
    await mkdir(place.folder, { recursive: true });
    if (!existsSync(path.join(place.folder, "HEAD"))) await gitOutput(place, ["init", "--quiet", "--bare", "."]);
    const settings = [
      ["remote.origin.url", this.#place.gitUrl],
      ["remote.origin.promisor", "true"],
      ["remote.origin.partialclonefilter", BLOB_FILTER],
    ] as const;
    for (const [key, value] of settings) await gitOutput(place, ["config", key, value]);
    this.#isSetUp = true;
  }
}
