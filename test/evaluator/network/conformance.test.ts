import { describe, expect, it } from "vitest";
import { compileNetworkWorld } from "../../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../../src/evaluator/network/evaluate.ts";
import type { ProfileName } from "../../../src/evaluator/network/profile.ts";
import {
  type ConformanceCase,
  conformanceCases,
  conformanceEnd,
  hasConformanceCases,
  worldOf,
} from "../conformance-cases.ts";

/** The checks whose verdict is not the one upstream wants, as sentences. */
function disagreements(test: ConformanceCase, profile: ProfileName): readonly string[] {
  const world = compileNetworkWorld(worldOf(test), profile);
  expect(world.problems).toEqual([]);
  return test.checks.flatMap(({ src, dst, protocol, port, allowed }) => {
    const answer = evaluateConnection(world, { from: conformanceEnd(src), to: conformanceEnd(dst), protocol, port });
    const wanted = allowed ? "allowed" : "denied";
    return answer.verdict === wanted ? [] : [`${src} -> ${dst} ${protocol} ${port}: ${answer.verdict}, not ${wanted}`];
  });
}

describe.skipIf(!hasConformanceCases)("Kubernetes' e2e truth tables", () => {
  it("are whole: 58 policy states with 506 checks, 109 of them denied", () => {
    const checks = conformanceCases.flatMap((test) => test.checks);
    console.info(`kubernetes-e2e: ${conformanceCases.length} cases, ${checks.length} checks`);
    expect(conformanceCases).toHaveLength(58);
    expect(checks).toHaveLength(506);
    expect(checks.filter(({ allowed }) => !allowed)).toHaveLength(109);
  });

  it.for(conformanceCases)("$name", (test) => {
    expect(disagreements(test, "upstream")).toEqual([]);
    expect(disagreements(test, "calico")).toEqual([]);
  });

  it("differ under Cilium in one verdict of each of the four cases in which a block holds a pod's address", () => {
    const differing = conformanceCases.flatMap((test) => {
      const found = disagreements(test, "cilium");
      return found.length === 0 ? [] : [{ tags: test.tags, found }];
    });
    expect(differing).toHaveLength(4);
    for (const { tags, found } of differing) {
      expect(tags).toContain("ipblock-vs-pod-ip");
      expect(found).toEqual([expect.stringMatching(/: denied, not allowed$/)]);
    }
  });
});
