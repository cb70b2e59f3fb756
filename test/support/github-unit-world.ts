import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Found, Host } from "../../src/gitops/host.ts";
import { githubHost } from "../../src/gitops/hosts/github/github-host.ts";
import { addDecisions, DECISIONS_FILE, parseDecisions } from "../../src/gitops/manners/decisions.ts";
import { type RanUnit, type RunContext, runUnits, type UnitToRun } from "../../src/gitops/manners/run-units.ts";
import { parseSettings } from "../../src/gitops/manners/settings.ts";
import { by } from "../../src/lib/sort.ts";
import type { Proposal } from "../../src/model/proposal.ts";
import { pendingDecisions } from "../../src/propose/ticked.ts";
import { tickedBoxes } from "../../src/report/proposal/boxes.ts";
import { FAULTS } from "../testbed/github/faults.ts";
import { AUTHOR, TestClock } from "../testbed/github/hosting.ts";
import type { Human } from "../testbed/github/human.ts";
import type { GitHubStandIn } from "../testbed/github/start.ts";
import type { HostedRepository, Thread } from "../testbed/github/world.ts";
import { someGraph } from "./fixtures.ts";
import { BRANCH, EDGE, fingerprintOf, proposalOn, TEXTS, THEIRS } from "./unit-world.ts";

const OBSERVED = someGraph({ edges: [EDGE] });
const SETTINGS = parseSettings("labels: [netlearn]");

/** Where a run is cut off: nothing of it happens after this request or call, which are counted from 1. */
export interface Cut {
  readonly of: "git" | "request";
  readonly at: number;
  /** Whether it still has its effect, of which nobody hears. */
  readonly isDone: boolean;
}

/** In git's place: kills itself, and what comes after it, at a call that is told in the environment. */
const KILLER = `#!/bin/sh
n=$(($(cat "$CUT_COUNT") + 1))
echo "$n" > "$CUT_COUNT"
PATH=$CUT_PATH
if [ "$n" -eq "$CUT_AT" ] && [ "$CUT_DONE" = true ]; then git "$@"; fi
if [ "$n" -ge "$CUT_AT" ]; then kill -9 $$; fi
exec git "$@"
`;

/** One unit of one repository on a stand-in for GitHub: what is wanted is as in a `UnitWorld`. */
export class GitHubUnitWorld {
  readonly github: GitHubStandIn;
  readonly repository: HostedRepository;
  readonly ann: Human;
  readonly renovate: Human;
  wanted: string | undefined = "v1";
  readonly #token: string;
  readonly #folder = mkdtempSync(path.join(tmpdir(), "netlearn-unit-"));
  #count = 1;

  /** @param as whose token is used: the stand-in's other repositories must rest meanwhile, since it counts for all of them */
  constructor(github: GitHubStandIn, name: string, as: "app" | "person" = "app") {
    this.github = github;
    this.#token = github.tokens[as];
    this.repository = github.createRepository(name, { [THEIRS]: "resources:\n" });
    this.ann = github.human(this.repository, "ann");
    this.renovate = github.human(this.repository, "renovate[bot]");
    this.repository.createRef("heads/release", this.repository.head("main"));
    github.faults.clear();
  }

  async remove(): Promise<void> {
    this.github.faults.clear();
    rmSync(this.#folder, { recursive: true, force: true });
    await this.github.removeRepository(this.repository);
  }

  /** As a process of its own would have it; the cache is shared by all. */
  host(cut?: Cut): Host {
    return githubHost({
      repository: `${this.repository.owner}/${this.repository.name}`,
      auth: { kind: "token", token: this.#token },
      apiUrl: this.github.baseUrl,
      cacheFolder: path.join(this.#folder, "cache"),
      env: cut === undefined ? process.env : this.#cutting(cut),
      author: AUTHOR,
      clock: new TestClock(this.repository.now(), 600_000),
      minimumWriteGapMs: 0,
    });
  }

  #cutting({ of, at, isDone }: Cut): NodeJS.ProcessEnv {
    const { faults } = this.github;
    if (of === "request") {
      if (isDone) faults.plan({ at, when: "after", fault: FAULTS.cut });
      faults.plan({ at: isDone ? at + 1 : at, when: "before", fault: FAULTS.cut, times: Number.POSITIVE_INFINITY });
    }
    const [bin, count] = [path.join(this.#folder, "bin"), path.join(this.#folder, "count")];
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, "git"), KILLER, { mode: 0o755 });
    writeFileSync(count, "0");
    const { PATH = "" } = process.env;
    return {
      ...process.env,
      PATH: `${bin}${path.delimiter}${PATH}`,
      CUT_PATH: PATH,
      CUT_AT: String(of === "git" ? at : Number.MAX_SAFE_INTEGER),
      CUT_DONE: String(isDone),
      CUT_COUNT: count,
    };
  }

  /** How often git was called by the host that was last made with a cut. */
  gitCalls(): number {
    return Number(readFileSync(path.join(this.#folder, "count"), "utf8"));
  }

  /** A whole run: looks, decides and writes. */
  async run(host = this.host()): Promise<RanUnit> {
    return await this.finish(host, await host.find(undefined, [BRANCH]));
  }

  /** What a run does once it has looked. */
  async finish(host: Host, found: Found): Promise<RanUnit> {
    const base = await host.read(found.base.head);
    const tree = new Map([...base.files].flatMap(([name, { text }]) => (text === undefined ? [] : [[name, text]])));
    const context: RunContext = {
      found,
      settings: SETTINGS,
      isOnboarded: true,
      texts: TEXTS,
      now: this.repository.now(),
      boxesOf: tickedBoxes,
    };
    const unit: UnitToRun = {
      branch: BRANCH,
      namespace: "shop",
      stage: "widen",
      proposal: this.#proposal(found, tree),
    };
    const [ran] = await runUnits(host, [unit], context);
    if (ran === undefined) throw new Error("a unit got lost");
    return ran;
  }

  /** What readers rejected is left out and written down, as `propose` does it. */
  #proposal(found: Found, tree: ReadonlyMap<string, string>): Proposal | undefined {
    const today = new Date(this.repository.now()).toISOString().slice(0, 10);
    const before = tree.get(DECISIONS_FILE);
    const decisions = parseDecisions(before, today);
    const recorded = pendingDecisions(found, { observed: OBSERVED, decisions, proposals: [] }, today).map(
      ({ decision }) => decision,
    );
    const isRejected = decisions.valid.length + recorded.length > 0;
    const wanted = this.wanted === undefined || !isRejected ? this.wanted : withoutAccess(this.wanted);
    const proposal = proposalOn(tree, wanted, this.#count);
    if (proposal === undefined || !isRejected) return proposal;
    if (recorded.length === 0) return { ...proposal, evidence: [] };
    const text = addDecisions(before, recorded);
    const change = { kind: "write", path: DECISIONS_FILE, text, before, owner: "person" } as const;
    const changes = [...proposal.changes, change].toSorted(by((one) => one.path));
    return { ...proposal, fingerprint: fingerprintOf(`${wanted} ${DECISIONS_FILE}`), changes, evidence: [], recorded };
  }

  /** Lets time pass, in which more is seen. */
  pass(milliseconds: number): void {
    this.github.advance(milliseconds);
    this.#count += milliseconds;
  }

  /** Does something right before the how-manieth request from now on: somebody is faster than a run. */
  before(request: number, act: () => Promise<unknown> | void): void {
    let seen = 0;
    const { faults } = this.github;
    const wait = (): void =>
      faults.intercept(/./u, async () => {
        seen += 1;
        if (seen === request) await act();
        else wait();
      });
    wait();
  }

  /** Pull requests of the unit's branch, oldest first. */
  pulls(): readonly Thread[] {
    return this.repository.threads.filter(({ pull }) => pull?.head === BRANCH);
  }

  open(): readonly Thread[] {
    return this.pulls().filter(({ state }) => state === "open");
  }

  head(): string | undefined {
    return this.repository.git.branch(BRANCH);
  }

  /** Whether some branch has the commit. */
  isReachable(commit: string): boolean {
    const { git } = this.repository;
    return [...git.refs().values()].some((head) => git.isAncestor(commit, head));
  }

  /** Texts of a branch's files. */
  files(branch: string): Readonly<Record<string, string>> {
    const { git } = this.repository;
    const entries = git.files(git.readCommit(this.repository.head(branch)).tree);
    return Object.fromEntries([...entries].map(([name, { id }]) => [name, git.read(id).toString("utf8")]));
  }

  /**
   * All that people see: branches with their files, and pull requests with what is said in them.
   *
   * @param isOnce what is said twice in a row counts as once: GitHub has no way to say a thing only if nobody has
   */
  shown({ isOnce = false } = {}): unknown {
    const { git } = this.repository;
    const branches = [...git.refs().keys()].map((ref) => ref.replace("heads/", ""));
    return {
      branches: Object.fromEntries(branches.map((branch) => [branch, this.files(branch)])),
      messages: this.head() === undefined ? [] : git.between(this.repository.head("main"), this.head() ?? ""),
      pulls: this.pulls().map(({ number, title, body, state, labels, comments, pull }) => ({
        number,
        title,
        body,
        state,
        labels: [...labels],
        isMerged: pull?.mergedAt !== undefined,
        isDraft: pull?.isDraft,
        comments: comments
          .filter(({ body: said }, index) => !isOnce || comments[index - 1]?.body !== said)
          .map((comment) => [comment.author.login, comment.body]),
      })),
    };
  }
}

/** What is written where the connection is rejected. */
export function withoutAccess(wanted: string): string {
  return `${wanted} without the cart`;
}
