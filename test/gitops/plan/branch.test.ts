import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ONBOARDING_BRANCH } from "../../../src/gitops/manners/onboarding.ts";
import { branchOf } from "../../../src/gitops/plan/branch.ts";
import { STAGES } from "../../../src/model/proposal.ts";

const name = fc.oneof(
  fc.constantFrom(
    "",
    "_",
    "_cluster",
    "onboarding",
    "a.lock",
    "a..b",
    "a.",
    ".a",
    "-",
    "--",
    "@",
    "@{u}",
    "A",
    "a",
    "ä",
  ),
  fc.constantFrom(
    "shop.lock",
    "netlearn",
    "HEAD",
    "a/b",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "[",
    "\\",
    "\u007f",
    "x".repeat(300),
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,80}[a-z0-9])?$/u),
);
const unit = fc.record({ cluster: name, namespace: name, stage: fc.constantFrom(...STAGES) });

describe("git rule 2: the branch of a unit", () => {
  it("law: is a name that git takes, within 100 characters", () => {
    const units = fc.sample(unit, 200);
    for (const each of units) {
      const branch = branchOf(each);
      expect(branch.length).toBeLessThanOrEqual(100);
      expect(branch).toMatch(/^netlearn\/[a-z0-9._-]+\/[a-z0-9._-]+\/(?:widen|narrow|enforce)$/u);
      expect(spawnSync("git", ["check-ref-format", "--branch", branch]).status, branch).toBe(0);
    }
  });

  it("law: is no other unit's, also where file systems ignore case, and in no other branch's way", () => {
    fc.assert(
      fc.property(unit, unit, (one, other) => {
        const isSame = JSON.stringify(Object.values(one)) === JSON.stringify(Object.values(other));
        const [branch, another] = [branchOf(one), branchOf(other)];
        expect(branch.toLowerCase() === another.toLowerCase()).toBe(isSame);
        expect(branch.startsWith(`${another}/`)).toBe(false);
        expect(branch.startsWith(`${ONBOARDING_BRANCH}/`)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
