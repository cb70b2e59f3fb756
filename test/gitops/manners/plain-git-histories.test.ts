import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { perform } from "../../../src/gitops/manners/perform.ts";
import { type Cut, GitUnitWorld } from "../../support/git-unit-world.ts";
import { BRANCH, THEIRS } from "../../support/unit-world.ts";

/** Few, as each is played with real git. */
const HISTORIES = Number(process.env["NETLEARN_SOAK"] ?? 12);

/** What is remembered of people's acts, to hold netlearn to. */
class Witness {
  readonly world = new GitUnitWorld();
  /** Commits of people that nobody but netlearn could have taken away. */
  readonly kept = new Set<string>();
  base = this.world.head("main");
  edits = 0;

  /** After something that netlearn did. */
  check(): void {
    const refs = this.world.refs();
    expect(refs["main"], "the base is never pushed to").toBe(this.base);
    expect(Object.keys(refs).filter((name) => name !== "main" && name !== BRANCH)).toEqual([]);
    const there = this.world.reachable();
    expect(
      [...this.kept].filter((id) => !there.has(id)),
      "lost commits of people",
    ).toEqual([]);
  }
}

type Act = (witness: Witness) => Promise<void> | void;

const human: Readonly<Record<string, Act>> = {
  commit: ({ world, kept }) => {
    const head = world.head(BRANCH);
    if (head !== undefined) kept.add(world.commit(BRANCH, { "notes.md": `${kept.size}` }, { parents: [head] }));
  },
  forcePush: ({ world, kept, base = "" }) => {
    // Whatever was there is gone by a person's own doing.
    kept.clear();
    kept.add(world.commit(BRANCH, { "apps/netlearn.yaml": "mine" }, { parents: [base] }));
  },
  amend: ({ world, kept }) => {
    // Of what the base has there is nothing to take over, and its first commit has no parent.
    if (world.head(BRANCH) === undefined || world.isMerged(BRANCH)) return;
    kept.clear();
    kept.add(world.amend(BRANCH, { "notes.md": "amended" }));
  },
  reset: ({ world, kept, base = "" }) => {
    kept.clear();
    world.git(["update-ref", `refs/heads/${BRANCH}`, base]);
  },
  deleteBranch: ({ world, kept }) => {
    kept.clear();
    world.git(["update-ref", "-d", `refs/heads/${BRANCH}`]);
  },
  updateBranch: ({ world, kept }) => {
    if (world.merge("main", BRANCH, { squash: false })) kept.add(world.head(BRANCH) ?? "");
  },
  merge: ({ world }) => {
    world.merge(BRANCH, "main", { squash: false });
  },
  squash: ({ world }) => {
    world.merge(BRANCH, "main", { squash: true });
  },
  editBase: (witness) => {
    witness.edits += 1;
    const text = `resources:\n# ${witness.edits}\n`;
    witness.world.commit("main", { [THEIRS]: text }, { parents: [witness.base ?? ""] });
  },
  revert: ({ world, base = "" }) => {
    world.commit("main", { "apps/netlearn.yaml": "v0" }, { parents: [base] });
  },
};

const act: fc.Arbitrary<readonly [string, Act]> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Object.entries(human)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("v1", "v2", undefined).map((wanted): readonly [string, Act] => [
      `want ${wanted ?? "nothing"}`,
      ({ world }) => {
        world.wanted = wanted;
      },
    ]),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ call: fc.integer({ min: 6, max: 20 }), isDone: fc.boolean() })
      .map((cut): readonly [string, Act] => [
        `run, git killed ${cut.isDone ? "after" : "before"} call ${cut.call}`,
        async (witness) => {
          await cutRun(witness.world, cut);
          witness.check();
        },
      ]),
  },
  { weight: 3, arbitrary: fc.constant<readonly [string, Act]>(["run", runTwice]) },
  { weight: 1, arbitrary: fc.constant<readonly [string, Act]>(["two runs at once", twoAtOnce]) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(...Object.entries(human))
      .map(([name, late]): readonly [string, Act] => [
        `run, with ${name} between looking and writing`,
        async (witness) => await overtaken(witness, late),
      ]),
  },
);

async function cutRun(world: GitUnitWorld, cut: Cut): Promise<void> {
  // A killed git is a host that can't be asked, or a write that is left to the next run.
  await world.run(world.host(cut)).catch((error: unknown) => {
    expect(error).toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE" });
  });
}

async function runTwice(witness: Witness): Promise<void> {
  const { world } = witness;
  const { outcome } = await world.run();
  expect(["noop", "created", "updated", "closed", "held"]).toContain(outcome.kind);
  witness.check();
  const settled = world.refs();
  const second = await world.run();
  expect(second.writes, "writes of a second run").toBe(0);
  expect(world.refs()).toEqual(settled);
}

async function overtaken(witness: Witness, late: Act): Promise<void> {
  const { world } = witness;
  const host = world.host();
  const verdict = await world.verdict(host);
  await late(witness);
  witness.base = world.head("main");
  const { outcome } = await perform(host, verdict);
  expect(outcome.kind, JSON.stringify(outcome)).not.toMatch(/failed|blocked/u);
  witness.check();
}

async function twoAtOnce(witness: Witness): Promise<void> {
  const { world } = witness;
  const hosts = [world.host(), world.host()];
  const verdicts = await Promise.all(hosts.map(async (host) => await world.verdict(host)));
  const done = await Promise.all(
    hosts.map(async (host, index) => await perform(host, verdicts[index] ?? { outcome: { kind: "noop" }, steps: [] })),
  );
  expect(done.filter(({ outcome }) => outcome.kind === "failed" || outcome.kind === "blocked")).toEqual([]);
  witness.check();
}

test(
  "git rule 18: on a plain remote, whatever people do between runs, none of their commits is lost, the base is theirs alone, and a second run writes nothing",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 16 }), async (acts) => {
        const witness = new Witness();
        try {
          for (const [, each] of acts) {
            await each(witness);
            witness.base = witness.world.head("main");
          }
          await runTwice(witness);
        } finally {
          witness.world.remove();
        }
      }),
      { numRuns: HISTORIES },
    );
  },
  60_000 + HISTORIES * 10_000,
);

test.each<[string, (world: GitUnitWorld) => Promise<void>]>([
  ["creates", async () => {}],
  [
    "replaces",
    async (world) => {
      await world.run();
      world.wanted = "v2";
      world.commit("main", { [THEIRS]: "resources:\n# moved\n" }, { parents: [world.head("main") ?? ""] });
    },
  ],
  [
    "deletes",
    async (world) => {
      await world.run();
      world.merge(BRANCH, "main", { squash: true });
    },
  ],
])(
  "git rule 21: a run that %s a branch and whose git is killed at any call is finished by the next, to the same commit",
  async (_, prepare) => {
    const prepared = async (): Promise<GitUnitWorld> => {
      const world = new GitUnitWorld();
      onTestFinished(() => world.remove());
      await prepare(world);
      return world;
    };
    const whole = await prepared();
    const { writes } = await whole.run(whole.host({ call: Number.MAX_SAFE_INTEGER, isDone: false }));
    expect(writes).toBe(1);
    expect(whole.calls()).toBeGreaterThan(8);
    // Killed after a call is killed before the next one, with the answer lost besides.
    for (let call = 1; call <= whole.calls(); call += 1) {
      const world = await prepared();
      await cutRun(world, { call, isDone: true });
      await world.run();
      expect(world.refs(), `killed after call ${call}`).toEqual(whole.refs());
      expect((await world.run()).writes).toBe(0);
      world.remove();
    }
  },
  300_000,
);
