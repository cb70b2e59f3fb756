import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { CASES, type Case } from "../support/github-cases.ts";
import { type Cut, GitHubUnitWorld } from "../support/github-unit-world.ts";
import { Witness } from "../support/github-witness.ts";
import { type GitHubStandIn, startGitHub } from "../testbed/github/start.ts";

const description = inject("github");

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
