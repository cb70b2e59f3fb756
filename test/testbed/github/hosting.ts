import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { Host } from "../../../src/gitops/host.ts";
import { githubHost } from "../../../src/gitops/hosts/github/github-host.ts";
import type { GitHubAuth, GitHubOptions } from "../../../src/gitops/hosts/github/options.ts";
import type { FileChange } from "../../../src/model/repository.ts";
import type { GitHubStandIn } from "./start.ts";
import type { HostedRepository } from "./world.ts";

/** Time that passes only when somebody waits, and nobody may beyond the end of the run. */
export class TestClock {
  readonly slept: number[] = [];
  #now: number;
  readonly deadline: number;

  /** @param budget milliseconds that a run may take */
  constructor(now: number, budget: number) {
    this.#now = now;
    this.deadline = now + budget;
  }

  now = (): number => this.#now;

  /** The run is over. */
  end(): void {
    this.#now = this.deadline;
  }

  sleep = async (milliseconds: number): Promise<void> => {
    if (this.#now + milliseconds >= this.deadline) throw new Error(`slept beyond the run: ${milliseconds} ms`);
    this.slept.push(milliseconds);
    this.#now += milliseconds;
  };
}

export const AUTHOR = { name: "netlearn", email: "netlearn@example.org" };
export const BRANCH = "netlearn/east/shop/narrow";

/** What a host in a test may have otherwise. */
interface Wishes {
  readonly auth?: GitHubAuth;
  readonly repository?: string;
  readonly clock?: TestClock;
  readonly minimumWriteGapMs?: number;
  /** A folder that others have too; one of its own unless named. */
  readonly cache?: string;
}

/** A host on the stand-in; as the App, ten minutes long, unless wished otherwise. */
export async function hostOn(
  github: GitHubStandIn,
  repository: HostedRepository,
  wishes: Wishes = {},
): Promise<{ readonly host: Host; readonly clock: TestClock }> {
  const cacheFolder = wishes.cache ?? (await mkdtemp(path.join(tmpdir(), "netlearn-cache-")));
  if (wishes.cache === undefined) onTestFinished(() => rm(cacheFolder, { recursive: true, force: true }));
  const clock = wishes.clock ?? new TestClock(Date.now(), 600_000);
  const options: GitHubOptions = {
    repository: wishes.repository ?? `${repository.owner}/${repository.name}`,
    auth: wishes.auth ?? { kind: "token", token: github.tokens.app },
    apiUrl: github.baseUrl,
    cacheFolder,
    env: process.env,
    author: AUTHOR,
    clock,
    minimumWriteGapMs: wishes.minimumWriteGapMs ?? 0,
  };
  return { host: githubHost(options), clock };
}

/** A file that netlearn writes. */
export function written(name: string, text: string, before?: string): FileChange {
  return { kind: "write", path: name, text, before, owner: "netlearn" };
}

export function deleted(name: string, before: string): FileChange {
  return { kind: "delete", path: name, before, owner: "netlearn" };
}

/** Texts of a branch's files. */
export function filesOf({ git }: HostedRepository, branch: string): Readonly<Record<string, string>> {
  const head = git.branch(branch);
  if (head === undefined) return {};
  const files = [...git.files(git.readCommit(head).tree)];
  return Object.fromEntries(files.map(([name, { id }]) => [name, git.read(id).toString("utf8")]));
}
