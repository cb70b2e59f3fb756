import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject } from "vitest";
import { type GitHubStandIn, startGitHub } from "./start.ts";
import type { HostedRepository } from "./world.ts";

/** What the tests of a suite play on; to be asked anew in each of them. */
export interface OnGitHub {
  readonly github: GitHubStandIn;
  /** Of this test alone. */
  readonly repository: HostedRepository;
  /** The head of its default branch. */
  readonly main: () => string;
  /** Begins once more within a test, in a new repository. */
  readonly anew: () => void;
}

/**
 * A suite on a stand-in of its own, with a repository for each test. Every request and response has to be as GitHub describes it.
 *
 * @param files what each repository begins with
 */
export function onGitHub(name: string, files: Readonly<Record<string, string>>, tests: (on: OnGitHub) => void): void {
  const description = inject("github");
  describe.skipIf(description.state === "absent")(`${name} (skipped without GitHub's description)`, () => {
    let github: GitHubStandIn;
    let repository: HostedRepository;
    let count = 0;

    function anew(): void {
      count += 1;
      repository = github.createRepository(`acme/fleet${count}`, files);
      github.faults.clear();
    }

    beforeAll(async () => {
      if (description.state === "absent") throw new Error(description.why);
      github = await startGitHub(description);
    });
    afterAll(() => github?.stop());
    beforeEach(anew);
    afterEach(() => {
      github.faults.clear();
      expect(github.violations.splice(0)).toEqual([]);
    });

    tests({
      get github() {
        return github;
      },
      get repository() {
        return repository;
      },
      main: () => repository.head("main"),
      anew,
    });
  });
}
