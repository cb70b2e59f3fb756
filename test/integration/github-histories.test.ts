import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { HUMAN_ACTS, Witness } from "../support/github-witness.ts";
import { BRANCH } from "../support/unit-world.ts";
import { type GitHubStandIn, startGitHubs } from "../testbed/github/start.ts";

const description = inject("github");
const HISTORIES = Number(process.env["NETLEARN_SOAK"] ?? 300);
/** Each has a stand-in of its own, since faults are counted for all of one. */
const LANES = 3;
const IS_SHRINKING = process.env["NETLEARN_SHRINK"] !== undefined;
const DAY = 24 * 60 * 60 * 1000;

/** Named, as a failing history is printed by its names. */
class Act {
  readonly name: string;
  readonly play: (witness: Witness) => Promise<unknown> | void;

  constructor(name: string, play: Act["play"]) {
    this.name = name;
    this.play = play;
  }

  [fc.toStringMethod](): string {
    return this.name;
  }
}

const human = fc.constantFrom(...Object.entries(HUMAN_ACTS).map(([name, play]) => new Act(name, play)));
const wanting = fc.constantFrom("v1", "v2", "v3", undefined).map(
  (wanted) =>
    new Act(`want ${wanted ?? "nothing"}`, ({ world }) => {
      world.wanted = wanted;
    }),
);
const waiting = fc
  .constantFrom(1, 8, 32)
  .map((days) => new Act(`wait ${days} days`, ({ world }) => world.pass(days * DAY)));
const running = fc.constant(new Act("run", (witness) => witness.runTwice()));
const crashing = fc
  .record({ of: fc.constant("request" as const), at: fc.integer({ min: 2, max: 12 }), isDone: fc.boolean() })
  .map(
    (cut) =>
      new Act(`run, cut off ${cut.isDone ? "after" : "before"} request ${cut.at}`, async (witness) => {
        const { world } = witness;
        world.open().forEach(({ number }) => witness.marked.add(number));
        await witness.watched(() => world.run(world.host(cut)).catch(isUnavailable));
        world.github.faults.clear();
      }),
  );
const overtaking = fc.tuple(human, fc.integer({ min: 1, max: 12 })).map(
  ([late, request]) =>
    new Act(`run, with ${late.name} before request ${request}`, async (witness) => {
      const { world } = witness;
      world.before(request, () => void late.play(witness));
      const { outcome } = await world.run();
      world.github.faults.clear();
      expect(outcome.kind, JSON.stringify(outcome)).not.toBe("failed");
      // Ended by somebody else's edit, it may have made a draft that no text remembers.
      if (outcome.kind === "deferred") world.open().forEach(({ number }) => witness.marked.add(number));
      witness.check();
    }),
);
const twoAtOnce = fc.constant(
  new Act("two runs at once", async (witness) => {
    const { world } = witness;
    const looked = [world.host(), world.host()].map(async (host) => ({
      host,
      found: await host.find(undefined, [BRANCH]),
    }));
    const both = await Promise.all(looked);
    world.open().forEach(({ number }) => witness.marked.add(number));
    await witness.watched(() => Promise.all(both.map(({ host, found }) => world.finish(host, found))));
  }),
);

/** A run that was cut off could not look, or read. */
function isUnavailable(error: unknown): void {
  expect(error).toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE" });
}

const act = fc.oneof(
  { weight: 8, arbitrary: human },
  { weight: 3, arbitrary: wanting },
  { weight: 1, arbitrary: waiting },
  { weight: 6, arbitrary: running },
  { weight: 2, arbitrary: crashing },
  { weight: 3, arbitrary: overtaking },
  { weight: 1, arbitrary: twoAtOnce },
);

describe.skipIf(description.state === "absent")("histories on GitHub (skipped without GitHub's description)", () => {
  let lanes: readonly GitHubStandIn[] = [];

  beforeAll(async () => {
    if (description.state === "absent") throw new Error(description.why);
    lanes = await startGitHubs(LANES, description);
  });
  afterAll(() => Promise.all(lanes.map((github) => github.stop())));

  let played = 0;
  let hasFailed = false;
  const play = async (github: GitHubStandIn, acts: readonly Act[], as: "app" | "person"): Promise<void> => {
    // The others need not go on for hours.
    if (hasFailed && !IS_SHRINKING) return;
    played += 1;
    const witness = new Witness(github, `acme/history${played}`, as);
    try {
      for (const each of acts) {
        await each.play(witness);
        witness.check();
      }
      await witness.runTwice();
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      github.violations.length = 0;
      await witness.world.remove();
    }
  };

  test(
    `git rule 18: in ${HISTORIES} histories of people, bots, crashes and runs at once, no commit of theirs is lost, one pull request is open at most, what they closed stays closed, and a second run writes nothing`,
    async () => {
      const property = (github: GitHubStandIn) =>
        fc.asyncProperty(
          fc.array(act, { minLength: 1, maxLength: 16 }),
          fc.constantFrom("app" as const, "person" as const),
          (acts, as) => play(github, acts, as),
        );
      const ends = await Promise.allSettled(
        lanes.map((github, lane) =>
          fc.assert(property(github), {
            // The same ones for everybody who has changed something, others each time where there is time.
            ...(process.env["NETLEARN_SOAK"] === undefined ? { seed: 20_261_129 + lane } : {}),
            numRuns: Math.ceil(HISTORIES / LANES),
            endOnFailure: !IS_SHRINKING,
          }),
        ),
      );
      for (const end of ends) if (end.status === "rejected") throw end.reason;
      expect(played).toBeGreaterThanOrEqual(HISTORIES);
    },
    60_000 + HISTORIES * 10_000,
  );
});
