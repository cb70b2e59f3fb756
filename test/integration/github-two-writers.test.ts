import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { CASES, type Case } from "../support/github-cases.ts";
import { Witness } from "../support/github-witness.ts";
import { BRANCH } from "../support/unit-world.ts";
import { type GitHubStandIn, startGitHub } from "../testbed/github/start.ts";

const description = inject("github");

describe.skipIf(description.state === "absent")("two writers on GitHub (skipped without GitHub's description)", () => {
  let github: GitHubStandIn;
  let made = 0;

  beforeAll(async () => {
    if (description.state === "absent") throw new Error(description.why);
    github = await startGitHub(description);
  });
  afterAll(() => github?.stop());

  const inWorld = async <Value>({ prepare }: Case, play: (witness: Witness) => Promise<Value>): Promise<Value> => {
    made += 1;
    const witness = new Witness(github, `acme/writers${made}`, "app");
    try {
      await prepare(witness);
      return await play(witness);
    } finally {
      await witness.world.remove();
    }
  };

  test.each(CASES)(
    "git rule 19: two that looked at the same, and the second of which $what before any request of the first, leave one branch and one pull request as one alone does, but that a comment may be there twice",
    async (each) => {
      const alone = await inWorld(each, async ({ world }) => {
        const host = world.host();
        const found = await host.find(undefined, [BRANCH]);
        github.faults.clear();
        await world.finish(host, found);
        const requests = github.faults.calls.filter(({ operation }) => !operation.startsWith("git "));
        return { requests: requests.length, shown: world.shown({ isOnce: true }) };
      });
      for (let request = 1; request <= alone.requests; request += 1) {
        await inWorld(each, async (witness) => {
          const { world } = witness;
          const looked = [world.host(), world.host()].map(async (host) => ({
            host,
            found: await host.find(undefined, [BRANCH]),
          }));
          const [one, other] = await Promise.all(looked);
          if (one === undefined || other === undefined) throw new Error("there are two");
          let isDone = false;
          world.before(request, async () => {
            const { outcome } = await world.finish(other.host, other.found);
            expect(outcome.kind, `the second, before request ${request}`).not.toMatch(/failed|blocked/u);
            isDone = true;
          });
          const { outcome } = await world.finish(one.host, one.found);
          expect(outcome.kind, `the first, overtaken before request ${request}`).not.toMatch(/failed|blocked/u);
          expect(isDone).toBe(true);
          witness.check();
          await each.between?.(witness);
          await world.run();
          expect(world.shown({ isOnce: true }), `overtaken before request ${request}`).toEqual(alone.shown);
          github.faults.clear();
          await world.run();
          expect(github.faults.writes, "writes of a last run").toBe(0);
        });
      }
    },
    300_000,
  );
});
