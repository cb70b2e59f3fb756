import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { RanUnit } from "../../src/gitops/manners/run-units.ts";
import { type Cut, GitHubUnitWorld } from "../support/github-unit-world.ts";
import { HUMAN_ACTS, Witness } from "../support/github-witness.ts";
import { type GitHubStandIn, startGitHub } from "../testbed/github/start.ts";

const description = inject("github");

interface Case {
  readonly what: string;
  readonly prepare: (witness: Witness) => Promise<void>;
  /** Between the run that is cut off and the one that has to finish it. */
  readonly between?: (witness: Witness) => Promise<void>;
  readonly outcome: RanUnit["outcome"]["kind"];
}

const act = (name: string, witness: Witness): void => HUMAN_ACTS[name]?.(witness);

const opened = async (witness: Witness): Promise<void> => {
  const { outcome } = await witness.watched(() => witness.world.run());
  expect(outcome.kind).toBe("created");
};

const CASES: readonly Case[] = [
  { what: "creates", prepare: async () => {}, outcome: "created" },
  {
    what: "regenerates",
    prepare: async (witness) => {
      await opened(witness);
      act("edit base", witness);
      witness.world.wanted = "v2";
    },
    outcome: "updated",
  },
  {
    what: "appends after a review",
    prepare: async (witness) => {
      await opened(witness);
      act("request changes", witness);
      witness.world.wanted = "v2";
    },
    outcome: "updated",
  },
  {
    what: "regenerates on a conflict",
    prepare: async (witness) => {
      await opened(witness);
      act("conflict", witness);
    },
    outcome: "updated",
  },
  {
    what: "closes, as nothing is wanted,",
    prepare: async (witness) => {
      await opened(witness);
      witness.world.wanted = undefined;
    },
    outcome: "closed",
  },
  {
    what: "deletes the branch of what was squashed",
    prepare: async (witness) => {
      await opened(witness);
      act("squash", witness);
    },
    outcome: "closed",
  },
  {
    what: "shows a person what it would have written",
    prepare: async (witness) => {
      await opened(witness);
      act("push", witness);
      witness.world.wanted = "v2";
    },
    outcome: "held",
  },
  {
    what: "overwrites a person's commit as asked (and as asked again, where the tick was taken and nothing was done)",
    prepare: async (witness) => {
      await opened(witness);
      act("push", witness);
      witness.world.wanted = "v2";
      await witness.world.run();
      act("overwrite", witness);
    },
    between: async (witness) => {
      await witness.world.run();
      act("overwrite", witness);
    },
    outcome: "updated",
  },
  {
    what: "writes a rejection down",
    prepare: async (witness) => {
      await opened(witness);
      act("reject a line", witness);
    },
    outcome: "updated",
  },
  {
    what: "says that it stays closed",
    prepare: async (witness) => {
      await opened(witness);
      act("close", witness);
    },
    outcome: "held",
  },
];

const NEVER = Number.MAX_SAFE_INTEGER;

describe.skipIf(description.state === "absent")("crashes on GitHub (skipped without GitHub's description)", () => {
  let github: GitHubStandIn;
  let made = 0;
  let points = 0;

  beforeAll(async () => {
    if (description.state === "absent") throw new Error(description.why);
    github = await startGitHub(description);
  });
  afterAll(async () => {
    await github?.stop();
    console.info(`git rule 21: ${points} crash points were played on GitHub`);
  });

  /** In each world the same happens at the same time, so that commits are equal too. */
  const inWorld = async <Value>(
    prepare: Case["prepare"],
    play: (witness: Witness) => Promise<Value>,
  ): Promise<Value> => {
    made += 1;
    const witness = new Witness(github, `acme/crash${made}`, "app");
    try {
      await prepare(witness);
      github.faults.clear();
      const value = await play(witness);
      witness.check();
      return value;
    } finally {
      await witness.world.remove();
    }
  };

  test.each(CASES)(
    "git rule 21: a run that $what and is cut off at any request or call of git is finished by the next, to the same branch and pull request",
    async ({ prepare, between, outcome }) => {
      const whole = await inWorld(prepare, async ({ world }) => {
        const ran = await world.run(world.host({ of: "git", at: NEVER, isDone: false }));
        expect(ran.outcome.kind).toBe(outcome);
        expect(ran.writes).toBeGreaterThan(0);
        const counts = { request: github.faults.calls.length, git: world.gitCalls() };
        expect((await world.run()).writes).toBe(0);
        return { counts, shown: world.shown() };
      });
      const cuts = (["request", "git"] as const).flatMap((of) =>
        Array.from({ length: whole.counts[of] }, (_, index) =>
          [false, true].map((isDone): Cut => ({ of, at: index + 1, isDone })),
        ).flat(),
      );
      for (const cut of cuts) {
        const name = `cut off ${cut.isDone ? "after" : "before"} ${cut.of} ${cut.at}`;
        await inWorld(prepare, async (witness) => {
          const { world } = witness;
          await cutRun(world, cut);
          github.faults.clear();
          await between?.(witness);
          await world.run();
          expect(world.shown(), name).toEqual(whole.shown);
          expect((await world.run()).writes, `writes of a third run, ${name}`).toBe(0);
        });
        points += 1;
      }
    },
    300_000,
  );

  /** Somebody who is cut off could not look or read, or leaves the rest to the next run. */
  const cutRun = async (world: GitHubUnitWorld, cut: Cut): Promise<void> => {
    try {
      const { outcome } = await world.run(world.host(cut));
      expect(outcome.kind, JSON.stringify(outcome)).not.toMatch(/failed|blocked/u);
    } catch (error) {
      expect(error).toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE" });
    }
  };
});
