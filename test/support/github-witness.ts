import { expect } from "vitest";
import type { RanUnit } from "../../src/gitops/manners/run-units.ts";
import { tickedBoxes } from "../../src/report/proposal/boxes.ts";
import type { Human } from "../testbed/github/human.ts";
import type { GitHubStandIn } from "../testbed/github/start.ts";
import { Refusal, type Thread } from "../testbed/github/world.ts";
import { GitHubUnitWorld } from "./github-unit-world.ts";
import { BRANCH, CUTTING, fingerprintOf, OWN, TEXTS, THEIRS } from "./unit-world.ts";

/** A history on GitHub, and what is remembered of people's acts, to hold netlearn to. */
export class Witness {
  readonly world: GitHubUnitWorld;
  /** Commits of people that nobody but netlearn could have taken away. */
  readonly kept = new Set<string>();
  /** Fingerprints that people closed, and the number of the pull request: it was there before they did. */
  readonly refused = new Map<string, number>();
  /** Pull requests of which a person said whether they are drafts, or that netlearn left in the middle of it. */
  readonly marked = new Set<number>();
  #acts = 0;
  #seen = 0;

  constructor(github: GitHubStandIn, name: string, as: "app" | "person") {
    this.world = new GitHubUnitWorld(github, name, as);
  }

  /** Twice the same within a second would be one commit, which two acts speak of. */
  next(): number {
    this.#acts += 1;
    return this.#acts;
  }

  get open(): Thread | undefined {
    return this.world.open()[0];
  }

  /** Of what may never be, whoever did something. */
  check(): void {
    const { world } = this;
    expect(world.open().length, "open pull requests").toBeLessThanOrEqual(1);
    for (const { body, number } of world.pulls().slice(this.#seen)) {
      const before = [...this.refused].filter(([, closedAs]) => closedAs < number).map(([fingerprint]) => fingerprint);
      expect(before, "closed proposals stay closed").not.toContain(TEXTS.readState(body)?.fingerprint);
    }
    this.#seen = world.pulls().length;
    for (const { body } of world.open()) {
      expect([...this.refused.keys()], "nor do they come back in another").not.toContain(
        TEXTS.readState(body)?.fingerprint,
      );
    }
    const lost = [...this.kept].filter((commit) => !world.isReachable(commit));
    expect(lost, "lost commits of people").toEqual([]);
    expect(world.github.violations, "GitHub's contract").toEqual([]);
  }

  #checkDraft(): void {
    const { open, marked } = this;
    if (open === undefined || marked.has(open.number)) return;
    const isCutting = TEXTS.readState(open.body)?.fingerprint === fingerprintOf(CUTTING);
    expect(open.pull?.isDraft, "a draft if, and only if, it cuts what was seen").toBe(isCutting);
  }

  /** What netlearn did leaves everything but its branch alone. */
  async watched<Value>(act: () => Promise<Value>): Promise<Value> {
    const others = this.#others();
    const value = await act();
    expect(this.#others(), "branches of people").toEqual(others);
    this.check();
    return value;
  }

  #others(): Readonly<Record<string, string>> {
    const refs = [...this.world.repository.git.refs()].filter(([ref]) => ref !== `heads/${BRANCH}`);
    return Object.fromEntries(refs);
  }

  /** A run, and a second one that has nothing to do. */
  async runTwice(): Promise<RanUnit["outcome"]> {
    const { world } = this;
    const { outcome } = await this.watched(() => world.run());
    expect(["noop", "created", "updated", "closed", "held"], JSON.stringify(outcome)).toContain(outcome.kind);
    const { faults } = world.github;
    faults.clear();
    await this.watched(() => world.run());
    const writes = faults.calls.filter(({ isWrite }) => isWrite).map(({ operation }) => operation);
    // Closing may leave the next proposal to be opened; whatever is settled is settled.
    if (outcome.kind !== "closed") expect(writes, "writes of a second run").toEqual([]);
    if (outcome.kind !== "held") this.#checkDraft();
    return outcome;
  }
}

/** An act of somebody else, which may be impossible as things are: then nothing happens. */
export type HumanAct = (witness: Witness) => void;

/** On the open pull request, if there is one. */
function onOpen(act: (witness: Witness, open: Thread, ann: Human) => void): HumanAct {
  return (witness) => {
    const { open } = witness;
    if (open !== undefined) act(witness, open, witness.world.ann);
  };
}

/** False: GitHub refuses. */
function isAllowed(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function closed({ refused }: Witness, { body, number }: Thread): void {
  const fingerprint = TEXTS.readState(body)?.fingerprint;
  if (fingerprint !== undefined && !refused.has(fingerprint)) refused.set(fingerprint, number);
}

function merge(how: "merge" | "squash" | "rebase"): HumanAct {
  return onOpen(({ kept }, { number }, ann) => {
    // What is squashed or rebased goes on as another commit.
    if (isAllowed(() => ann.merge(number, how)) && how !== "merge") kept.clear();
  });
}

function tick(command: "overwrite" | "reject" | "snooze"): HumanAct {
  return onOpen(({ kept, world }, { number, body }, ann) => {
    const box = new RegExp(`^- \\[ \\] .*(<!-- netlearn:${command}\\b.*)$`, "mu").exec(body)?.[1];
    if (box === undefined) return;
    ann.tick(number, box);
    // What was committed after the box was offered is not what it speaks of.
    if (command === "overwrite" && tickedBoxes(world.repository.thread(number).body).overwrite === world.head())
      kept.clear();
  });
}

function push(by: "ann" | "renovate"): HumanAct {
  return (witness) => {
    const { world, kept } = witness;
    if (world.head() !== undefined) kept.add(world[by].push(BRANCH, { "notes.md": `${by} ${witness.next()}` }));
  };
}

function retarget(base: "main" | "release"): HumanAct {
  return onOpen((_, { number, pull }, ann) => {
    if (pull?.base !== base) ann.retarget(number, base);
  });
}

/** What people and other bots do, by name. */
export const HUMAN_ACTS: Readonly<Record<string, HumanAct>> = {
  push: push("ann"),
  "another bot's push": push("renovate"),
  "force-push": (witness) => {
    const { world, kept } = witness;
    // Whatever was there is gone by a person's own doing.
    kept.clear();
    kept.add(world.ann.forcePush(BRANCH, "main", { [OWN]: `mine ${witness.next()}` }));
  },
  amend: (witness) => {
    const { world, kept } = witness;
    const { git } = world.repository;
    if (world.head() === undefined || git.isAncestor(world.head() ?? "", world.repository.head("main"))) return;
    kept.clear();
    kept.add(world.ann.amend(BRANCH, { "notes.md": `amended ${witness.next()}` }));
  },
  "delete branch": (witness) => {
    const { world, kept, open } = witness;
    if (world.head() === undefined) return;
    kept.clear();
    world.ann.deleteBranch(BRANCH);
    if (open !== undefined) closed(witness, open);
  },
  "update branch": onOpen(({ kept }, { number }, ann) => {
    const commit = ann.updateBranch(number);
    if (commit !== undefined) kept.add(commit);
  }),
  close: onOpen((witness, open, ann) => {
    ann.close(open.number);
    closed(witness, open);
  }),
  reopen: ({ world, refused }) => {
    const last = world.pulls().at(-1);
    if (last?.state !== "closed" || !isAllowed(() => world.ann.reopen(last.number))) return;
    refused.delete(TEXTS.readState(last.body)?.fingerprint ?? "");
  },
  approve: onOpen((_, { number }, ann) => ann.approve(number)),
  "request changes": onOpen((_, { number }, ann) => ann.requestChanges(number)),
  comment: onOpen((_, { number }, ann) => ann.comment(number, "why?")),
  "another bot's comment": onOpen(({ world }, { number }) => world.renovate.comment(number, "beep")),
  "edit title": onOpen((_, { number }, ann) => ann.edit(number, { title: "Mine" })),
  "edit body": onOpen((_, { number, body }, ann) => ann.edit(number, { body: `See the ticket.\n\n${body}` })),
  "erase body": onOpen(({ marked }, { number }, ann) => {
    marked.add(number);
    ann.edit(number, { body: "" });
  }),
  "draft or ready": onOpen(({ marked }, { number }, ann) => {
    marked.add(number);
    ann.toggleDraft(number);
  }),
  merge: merge("merge"),
  squash: merge("squash"),
  rebase: merge("rebase"),
  conflict: onOpen((_, { number }, ann) => void ann.conflict(number)),
  "edit base": (witness) => {
    witness.world.ann.push("main", { [THEIRS]: `resources:\n# ${witness.next()}\n` });
  },
  revert: ({ world }) => {
    world.ann.push("main", { [OWN]: "v0" });
  },
  "write what is wanted": ({ world }) => {
    world.ann.push("main", { [OWN]: world.wanted ?? "v0" });
  },
  "retarget away": retarget("release"),
  "retarget back": retarget("main"),
  label: onOpen((_, { number }, ann) => ann.label(number, "security")),
  unlabel: onOpen((_, { number }, ann) => ann.unlabel(number, "netlearn")),
  stop: onOpen((_, { number, labels }, ann) => {
    if (labels.has("netlearn/stop")) ann.unlabel(number, "netlearn/stop");
    else ann.label(number, "netlearn/stop");
  }),
  "reject a line": tick("reject"),
  snooze: tick("snooze"),
  overwrite: tick("overwrite"),
};
