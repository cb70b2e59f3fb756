import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { netlearn, type Outcome, ROOT } from "../end-to-end/command.ts";
import type { GitHubStandIn } from "../testbed/github/start.ts";
import type { HostedRepository } from "../testbed/github/world.ts";

export const SHOP = path.join(ROOT, "examples/shop");

/** The bundled repository on a stand-in for GitHub, and `netlearn propose` pointed at it. */
export class GitHubFleet {
  repository: HostedRepository;
  readonly #github: GitHubStandIn;
  readonly #folder: string;

  private constructor(github: GitHubStandIn, repository: HostedRepository, folder: string) {
    this.#github = github;
    this.repository = repository;
    this.#folder = folder;
  }

  /** @param more files that it has besides, by path */
  static async create(
    github: GitHubStandIn,
    name: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<GitHubFleet> {
    const folder = await mkdtemp(path.join(tmpdir(), "netlearn-propose-"));
    await writeFile(path.join(folder, "token"), `${github.tokens.app}\n`);
    return new GitHubFleet(github, github.createRepository(name, { ...(await fleetFiles()), ...more }), folder);
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A run, in which nothing was against GitHub's contract and no token was told. */
  async propose(...more: readonly string[]): Promise<Outcome> {
    const { faults, tokens, violations } = this.#github;
    faults.calls.length = 0;
    const inputs = [path.join(SHOP, "flows.jsonl"), "--manifests", path.join(SHOP, "manifests")];
    const address = this.#github.gitUrl(`acme/${this.repository.name}`);
    const where = ["--repo", address, "--github-api-url", this.#github.baseUrl];
    const token = ["--token-file", path.join(this.#folder, "token"), "--repo-cache", path.join(this.#folder, "cache")];
    const outcome = await netlearn(["propose", ...inputs, ...where, ...token, "-o", "pull-request", ...more]);
    expect(violations.splice(0)).toEqual([]);
    expect(outcome.stderr + outcome.stdout).not.toContain(tokens.app);
    return outcome;
  }

  /** Of the last run. */
  writes(): number {
    return this.#github.faults.calls.filter(({ isWrite }) => isWrite).length;
  }

  open(): readonly { readonly number: number; readonly body: string; readonly head: string }[] {
    return this.repository.threads.flatMap(({ state, number, body, pull }) =>
      state === "open" && pull !== undefined ? [{ number, body, head: pull.head }] : [],
    );
  }

  of(branch: string): { readonly number: number; readonly body: string } | undefined {
    return this.open().find(({ head }) => head === branch);
  }

  textOf(branch: string, file: string): string {
    const { folder } = this.repository.git;
    return execFileSync("git", ["-C", folder, "show", `${branch}:${file}`], { encoding: "utf8" });
  }
}

async function fleetFiles(): Promise<Record<string, string>> {
  const root = path.join(ROOT, "examples/fleet");
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map(async (file) => [path.relative(root, file), await readFile(file, "utf8")]));
  return Object.fromEntries(texts);
}
