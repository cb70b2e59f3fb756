import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { CASES, type Case } from "../support/github-cases.ts";
import type { Cut, GitHubUnitWorld } from "../support/github-unit-world.ts";
import { Witness } from "../support/github-witness.ts";
import { type GitHubStandIn, startGitHubs } from "../testbed/github/start.ts";

const description = inject("github");

/** Each has a stand-in of its own, since faults are counted for all of one. */
const LANES = 3;
const NEVER = Number.MAX_SAFE_INTEGER;

describe.skipIf(description.state === "absent")("crashes on GitHub (skipped without GitHub's description)", () => {
  let lanes: readonly GitHubStandIn[] = [];
  let made = 0;
  let points = 0;

  beforeAll(async () => {
    if (description.state === "absent") throw new Error(description.why);
    lanes = await startGitHubs(LANES, description);
  });
  afterAll(async () => {
    await Promise.all(lanes.map((github) => github.stop()));
    console.info(`git rule 21: ${points} crash points were played on GitHub`);
  });

  /** In each world the same happens at the same time, so that commits are equal too. */
  const inWorld = async <Value>(
    github: GitHubStandIn,
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
      const [first] = lanes;
      if (first === undefined) throw new Error("no stand-in was started");
      const whole = await inWorld(first, prepare, async ({ world }) => {
        const ran = await world.run(world.host({ of: "git", at: NEVER, isDone: false }));
        expect(ran.outcome.kind).toBe(outcome);
        expect(ran.writes).toBeGreaterThan(0);
        const counts = { request: first.faults.calls.length, git: world.gitCalls() };
        expect((await world.run()).writes).toBe(0);
        return { counts, shown: world.shown() };
      });
      const cuts = (["request", "git"] as const).flatMap((of) =>
        Array.from({ length: whole.counts[of] }, (_, index) =>
          // Killed after a call is killed before the next one, with the answer lost besides; a request may be answered before.
          (of === "git" ? [true] : [false, true]).map((isDone): Cut => ({ of, at: index + 1, isDone })),
        ).flat(),
      );
      const play = async (github: GitHubStandIn, cut: Cut): Promise<void> =>
        await inWorld(github, prepare, async (witness) => {
          const { world } = witness;
          const name = `cut off ${cut.isDone ? "after" : "before"} ${cut.of} ${cut.at}`;
          await cutRun(world, cut);
          await between?.(witness);
          await world.run();
          expect(world.shown(), name).toEqual(whole.shown);
          expect((await world.run()).writes, `writes of a third run, ${name}`).toBe(0);
          points += 1;
        });
      await Promise.all(
        lanes.map(async (github, lane) => {
          for (const cut of cuts.filter((_, index) => index % LANES === lane)) await play(github, cut);
        }),
      );
    },
    300_000,
  );

  /** Somebody who is cut off could not look or read, or leaves the rest to the next run. */
  const cutRun = async (world: GitHubUnitWorld, cut: Cut): Promise<void> => {
    const ended = await world.run(world.host(cut)).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE" });
    });
    world.github.faults.clear();
    expect(ended?.outcome.kind ?? "deferred", JSON.stringify(ended?.outcome)).not.toMatch(/failed|blocked/u);
  };
});
