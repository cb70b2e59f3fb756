import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Host } from "../../src/gitops/host.ts";
import { plainGitHost } from "../../src/gitops/hosts/plain-git.ts";
import { decide } from "../../src/gitops/manners/decide.ts";
import { type Performed, perform } from "../../src/gitops/manners/perform.ts";
import { parseSettings } from "../../src/gitops/manners/settings.ts";
import type { Verdict } from "../../src/gitops/manners/step.ts";
import { BRANCH, NO_BOXES, proposalOn, TEXTS, THEIRS } from "./unit-world.ts";

const BOT = { name: "netlearn[bot]", email: "netlearn@users.noreply.github.com" };
const ADA = { name: "Ada", email: "ada@example.org" };

/** Where a run is cut off: git is called, and killed, before or after it did what it was asked. */
export interface Cut {
  /** Counted from 1; nothing runs after it. */
  readonly call: number;
  readonly isDone: boolean;
}

/** In git's place: kills itself, and what comes after it, at a call that is told in the environment. */
const KILLER = `#!/bin/sh
n=$(($(cat "$CUT_COUNT") + 1))
echo "$n" > "$CUT_COUNT"
if [ "$n" -eq "$CUT_AT" ] && [ "$CUT_DONE" = true ]; then git "$@"; fi
if [ "$n" -ge "$CUT_AT" ]; then kill -9 $$; fi
exec git "$@"
`;

/** One unit of one bare repository, written to by real git: what is wanted is as in a `UnitWorld`. */
export class GitUnitWorld {
  wanted: string | undefined = "v1";
  now = Date.UTC(2026, 2, 2, 12);
  readonly repository: string;
  readonly #folder = mkdtempSync(path.join(tmpdir(), "netlearn-world-"));

  constructor() {
    this.repository = path.join(this.#folder, "fleet.git");
    execFileSync("git", ["init", "--quiet", "--bare", "--initial-branch=main", this.repository], { env: cleanEnv() });
    this.commit("main", { [THEIRS]: "resources:\n" }, { parents: [] });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** As a process of its own would have it; the cache is shared by all. */
  host(cut?: Cut): Host {
    const options = { address: this.repository, cache: path.join(this.#folder, "cache"), now: () => this.now };
    if (cut === undefined) return plainGitHost({ ...options, env: process.env });
    const [program, count] = [path.join(this.#folder, "killer"), path.join(this.#folder, "count")];
    writeFileSync(program, KILLER, { mode: 0o755 });
    writeFileSync(count, "0");
    const env = { ...process.env, CUT_AT: String(cut.call), CUT_DONE: String(cut.isDone), CUT_COUNT: count };
    return plainGitHost({ ...options, program, env });
  }

  /** How often git was called by the host that was last made with a cut. */
  calls(): number {
    return Number(readFileSync(path.join(this.#folder, "count"), "utf8"));
  }

  async verdict(host: Host): Promise<Verdict> {
    const found = await host.find(undefined, [BRANCH]);
    const base = await host.read(found.base.head);
    const tree = new Map([...base.files].flatMap(([name, { text }]) => (text === undefined ? [] : [[name, text]])));
    return decide({
      unit: { branch: BRANCH, namespace: "shop" },
      proposal: proposalOn(tree, this.wanted, 1),
      found,
      settings: parseSettings(""),
      isOnboarded: true,
      capabilities: host.capabilities,
      texts: TEXTS,
      now: this.now,
      opened: 0,
      pendingStages: [],
      boxes: NO_BOXES,
    });
  }

  async run(host = this.host()): Promise<Performed> {
    return await perform(host, await this.verdict(host));
  }

  /** By name, everything that refs of the repository point to. */
  refs(): Readonly<Record<string, string>> {
    const lines = this.git(["for-each-ref", "--format=%(refname:lstrip=2) %(objectname)"]).split("\n");
    return Object.fromEntries(lines.filter(Boolean).map((line) => line.split(" ")));
  }

  head(branch: string): string | undefined {
    return this.refs()[branch];
  }

  /** All commits that some branch has. */
  reachable(): ReadonlySet<string> {
    return new Set(this.git(["rev-list", "--all"]).split("\n"));
  }

  /** A person's commit, whatever was on the branch before. */
  commit(
    branch: string,
    files: Readonly<Record<string, string>>,
    { parents, author = ADA }: { readonly parents: readonly string[]; readonly author?: typeof ADA },
  ): string {
    const at = `${this.now / 1000} +0000`;
    const [first, ...others] = parents;
    const lines = [
      `reset refs/heads/${branch}`,
      ...(first === undefined ? [] : [`from ${first}`]),
      "",
      `commit refs/heads/${branch}`,
      `author ${author.name} <${author.email}> ${at}`,
      `committer ${ADA.name} <${ADA.email}> ${at}`,
      "data 4\nwork",
      ...others.map((parent) => `merge ${parent}`),
      ...Object.entries(files).map(
        ([name, text]) => `M 100644 inline ${name}\ndata ${Buffer.byteLength(text)}\n${text}`,
      ),
      "",
    ];
    this.git(["fast-import", "--quiet", "--force"], lines.join("\n"));
    return this.head(branch) ?? "";
  }

  /** A person takes over what netlearn committed: netlearn stays its author. */
  amend(branch: string, files: Readonly<Record<string, string>>): string {
    const parent = this.git(["rev-parse", `refs/heads/${branch}^`]).trim();
    return this.commit(branch, files, { parents: [parent], author: BOT });
  }

  /** Whether the base has all of a branch. */
  isMerged(branch: string): boolean {
    return this.git(["rev-list", "--count", `refs/heads/${branch}`, "^refs/heads/main"]).trim() === "0";
  }

  /** Merges a branch into another by a person's commit; false: they conflict, and nothing is done. */
  merge(from: string, into: string, { squash }: { readonly squash: boolean }): boolean {
    const [theirs, ours] = [this.head(from), this.head(into)];
    if (theirs === undefined || ours === undefined) return false;
    let tree: string;
    try {
      tree = this.git(["merge-tree", "--write-tree", "--no-messages", ours, theirs]).trim();
    } catch {
      return false;
    }
    const parents = (squash ? [ours] : [ours, theirs]).flatMap((parent) => ["-p", parent]);
    const commit = this.git(["commit-tree", tree, ...parents, "-m", "merged"]).trim();
    this.git(["update-ref", `refs/heads/${into}`, commit]);
    return true;
  }

  git(args: readonly string[], input = ""): string {
    return execFileSync("git", [...args], {
      cwd: this.repository,
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "pipe"],
      env: cleanEnv(),
    });
  }
}

function cleanEnv(): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: ADA.name,
    GIT_AUTHOR_EMAIL: ADA.email,
    GIT_COMMITTER_NAME: ADA.name,
    GIT_COMMITTER_EMAIL: ADA.email,
    // Equal acts make equal commits.
    GIT_AUTHOR_DATE: "1772452800 +0000",
    GIT_COMMITTER_DATE: "1772452800 +0000",
  };
}
