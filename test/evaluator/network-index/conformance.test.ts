import { describe, expect, it } from "vitest";
import { compileNetworkWorld } from "../../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../../src/evaluator/network/evaluate.ts";
import { PROFILES, type ProfileName } from "../../../src/evaluator/network/profile.ts";
import { indexNetworkWorld } from "../../../src/evaluator/network-index/index-world.ts";
import { verdictOf } from "../../../src/evaluator/network-index/verdict-of.ts";
import { conformanceCases, conformanceEnd, hasConformanceCases, worldOf } from "../conformance-cases.ts";

describe.skipIf(!hasConformanceCases)("the index on Kubernetes' e2e truth tables", () => {
  it("is asked all 506 checks", () => {
    expect(conformanceCases.flatMap(({ checks }) => checks)).toHaveLength(506);
  });

  it.for(conformanceCases)("$name", (test) => {
    const world = worldOf(test);
    for (const profile of Object.keys(PROFILES) as ProfileName[]) {
      const plain = compileNetworkWorld(world, profile);
      const index = indexNetworkWorld(world, profile);
      for (const { src, dst, protocol, port, allowed } of test.checks) {
        const connection = { from: conformanceEnd(src), to: conformanceEnd(dst), protocol, port };
        const verdict = verdictOf(index, connection);
        expect(verdict).toBe(evaluateConnection(plain, connection).verdict);
        if (profile === "upstream") {
          expect(verdict).toBe(allowed ? "allowed" : "denied");
        }
      }
    }
  });
});
