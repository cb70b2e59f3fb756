import fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "../../../src/gitops/manners/decide.ts";
import { perform } from "../../../src/gitops/manners/perform.ts";
import { BRANCH, CUTTING, fingerprintOf, OWN, TEXTS, THEIRS, UnitWorld } from "../../support/unit-world.ts";

const DAY = 24 * 60 * 60 * 1000;

/** What is remembered of people's acts, to hold netlearn to. */
class Witness {
  readonly world = new UnitWorld("labels: [netlearn]\nreviewers: [ann]");
  readonly kept = new Set<string>();
  readonly refused = new Set<string>();
  /** Pull requests of which a person said whether they are drafts, or that netlearn left in the middle of it. */
  readonly marked = new Set<number>();
  seen = 0;
  edits = 0;

  check(): void {
    const { host } = this.world;
    expect(host.open().length, "open pull requests").toBeLessThanOrEqual(1);
    for (const pull of host.pulls.slice(this.seen)) {
      const fingerprint = TEXTS.readState(pull.body)?.fingerprint ?? "";
      expect([...this.refused], "closed proposals stay closed").not.toContain(fingerprint);
    }
    this.seen = host.pulls.length;
    for (const { body } of host.open()) {
      expect([...this.refused], "nor do they come back in another").not.toContain(TEXTS.readState(body)?.fingerprint);
    }
    const there = new Set(host.branches.has(BRANCH) ? host.history(BRANCH) : []);
    expect(
      [...this.kept].filter((id) => !there.has(id)),
      "lost commits of people",
    ).toEqual([]);
  }
}

type Act = (witness: Witness) => Promise<void> | void;

function close({ world, refused }: Witness): void {
  const [pull] = world.host.open();
  if (pull !== undefined) {
    pull.state = "closed";
    pull.closedAt = world.host.now;
    const fingerprint = TEXTS.readState(pull.body)?.fingerprint;
    if (fingerprint !== undefined) {
      refused.add(fingerprint);
    }
  }
}

const human: Readonly<Record<string, Act>> = {
  commit: (witness) => {
    const { host } = witness.world;
    if (host.branches.has(BRANCH)) {
      witness.kept.add(host.push(BRANCH, { "notes.md": `${host.commits.size}` }));
    }
  },
  close,
  reopen: ({ world, refused }) => {
    const pull = world.host.pulls.at(-1);
    if (pull?.state === "closed" && world.host.branches.has(BRANCH)) {
      pull.state = "open";
      refused.delete(TEXTS.readState(pull.body)?.fingerprint ?? "");
    }
  },
  merge: ({ world, kept }) => {
    const [pull] = world.host.open();
    if (pull !== undefined && pull.base === "main" && world.host.merge(pull)) {
      kept.clear();
    }
  },
  approve: ({ world }) => {
    const [pull] = world.host.open();
    if (pull !== undefined) {
      pull.reviews = [...pull.reviews, { state: "approved", author: "ann", commit: "", at: world.host.now }];
    }
  },
  comment: ({ world }) => {
    const [pull] = world.host.open();
    if (pull !== undefined) {
      pull.comments = [...pull.comments, { body: "why?", author: "ann", isOwn: false }];
    }
  },
  overwrite: ({ world, kept }) => {
    world.tick("overwrite");
    const head = world.boxes().overwrite;
    // What was committed after the box was offered is not what it speaks of.
    if (head !== undefined && head === world.host.branches.get(BRANCH)) {
      kept.clear();
    }
  },
  snooze: ({ world }) => {
    world.tick("snooze");
  },
  retitle: ({ world }) => {
    const [pull] = world.host.open();
    if (pull !== undefined) {
      pull.title = "Mine";
    }
  },
  eraseText: ({ world, marked }) => {
    const [pull] = world.host.open();
    if (pull !== undefined) {
      marked.add(pull.number);
      pull.body = "";
      Object.assign(pull, { editor: "ann", isEdited: true });
    }
  },
  toggleDraft: ({ world, marked }) => {
    const [pull] = world.host.open();
    if (pull !== undefined) {
      pull.isDraft = !pull.isDraft;
      marked.add(pull.number);
    }
  },
  unlabel: ({ world }) => {
    const [pull] = world.host.open();
    if (pull !== undefined) {
      pull.labels = [];
    }
  },
  deleteBranch: (witness) => {
    if (witness.world.host.branches.delete(BRANCH)) {
      witness.kept.clear();
      close(witness);
    }
  },
  takeBack: ({ world: { host }, kept }) => {
    const own = host.history(BRANCH).find((id) => host.commits.get(id)?.isOwn === true);
    if (host.branches.has(BRANCH) && own !== undefined) {
      host.branches.set(BRANCH, own);
      kept.clear();
    }
  },
  editBase: (witness) => {
    witness.edits += 1;
    witness.world.host.push("main", { [THEIRS]: `resources:\n# ${witness.edits}\n` });
  },
  writeWanted: ({ world }) => {
    world.host.push("main", { [OWN]: world.wanted ?? "v0" });
  },
  revert: ({ world }) => {
    world.host.push("main", { [OWN]: "v0" });
  },
  stop: ({ world }) => {
    const [pull] = world.host.open();
    if (pull !== undefined) {
      pull.labels = pull.labels.includes("netlearn/stop") ? [] : [...pull.labels, "netlearn/stop"];
    }
  },
};

const act: fc.Arbitrary<readonly [string, Act]> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Object.entries(human)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("v1", "v2", "v3", undefined).map((wanted): readonly [string, Act] => [
      `want ${wanted ?? "nothing"}`,
      ({ world }) => {
        world.wanted = wanted;
      },
    ]),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1, 8, 32).map((days): readonly [string, Act] => [
      `${days} days`,
      ({ world }) => {
        world.host.now += days * DAY;
        world.count += days;
      },
    ]),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ write: fc.integer({ min: 1, max: 5 }), isWritten: fc.boolean() })
      .map((crash): readonly [string, Act] => [
        `run, crash ${crash.isWritten ? "after" : "before"} write ${crash.write}`,
        async ({ world, marked }) => {
          for (const { number } of world.host.open()) marked.add(number);
          world.host.crashAt = { ...crash, write: world.host.writes + crash.write };
          await world.run();
          world.host.crashAt = undefined;
        },
      ]),
  },
  { weight: 4, arbitrary: fc.constant<readonly [string, Act]>(["run", runTwice]) },
  { weight: 1, arbitrary: fc.constant<readonly [string, Act]>(["two runs at once", twoAtOnce]) },
);

async function runTwice({ world, marked }: Witness): Promise<void> {
  const { outcome } = await world.run();
  expect(outcome.kind).not.toBe("failed");
  const before = world.host.writes;
  await world.run();
  // Closing may leave the next proposal to be opened; whatever is settled is settled.
  if (outcome.kind !== "closed") {
    expect(world.host.writes - before, "writes of a second run").toBe(0);
  }
  const [pull] = world.host.open();
  if (pull !== undefined && outcome.kind !== "held" && !marked.has(pull.number)) {
    const isCutting = TEXTS.readState(pull.body)?.fingerprint === fingerprintOf(CUTTING);
    expect(pull.isDraft, "a draft if, and only if, it cuts what was seen").toBe(isCutting);
  }
}

async function twoAtOnce({ world }: Witness): Promise<void> {
  const situation = await world.situation();
  const verdict = decide(situation);
  await Promise.all([perform(world.host, verdict), perform(world.host, verdict)]);
}

test("git rule 18: whatever people do between runs, no commit of theirs is lost, one pull request is open at most, what they closed stays closed, and a second run writes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 40 }), async (acts) => {
      const witness = new Witness();
      for (const [, each] of acts) {
        await each(witness);
        witness.check();
      }
    }),
    { numRuns: Number(process.env["NETLEARN_SOAK"] ?? 3000) },
  );
}, 300_000);
