import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileNetworkWorld } from "../../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../../src/evaluator/network/evaluate.ts";
import type { ProfileName } from "../../../src/evaluator/network/profile.ts";
import type { VerdictKind } from "../../../src/evaluator/network/verdict.ts";
import type { NetworkWorld } from "../../../src/evaluator/network/world.ts";
import { indexNetworkWorld } from "../../../src/evaluator/network-index/index-world.ts";
import { verdictOf } from "../../../src/evaluator/network-index/verdict-of.ts";
import { pod, policy } from "../world.ts";
import { connectionsOf, profileName, world } from "./random-world.ts";

/** Connections the two evaluators disagree about; `seen` counts the verdicts of the plain one. */
function disagreements(
  found: NetworkWorld,
  profile: ProfileName,
  seen: { count: number; at: number; kinds: Map<VerdictKind, number> },
): readonly unknown[] {
  const plain = compileNetworkWorld(found, profile);
  const index = indexNetworkWorld(found, profile);
  const connections = connectionsOf(found);
  // Another part of the connections each time: the worlds together meet all of them.
  return connections.flatMap((connection, place) => {
    if ((place + seen.at) % 23 !== 0) {
      return [];
    }
    const expected = evaluateConnection(plain, connection).verdict;
    seen.count++;
    seen.kinds.set(expected, (seen.kinds.get(expected) ?? 0) + 1);
    const verdict = verdictOf(index, connection);
    return verdict === expected ? [] : [{ connection, expected, verdict }];
  });
}

describe("the index answers as the plain evaluator", () => {
  it("on random worlds, for every profile, in all three verdicts", { timeout: 20_000 }, () => {
    const seen = { count: 0, at: 0, kinds: new Map<VerdictKind, number>() };
    fc.assert(
      fc.property(world, profileName, (found, profile) => {
        seen.at++;
        expect(disagreements(found, profile, seen)).toEqual([]);
      }),
      { numRuns: 400 },
    );
    console.info(`index: ${seen.count} comparisons`, Object.fromEntries(seen.kinds));
    expect(seen.count).toBeGreaterThan(10_000);
    for (const kind of ["allowed", "denied", "undefined"] as const) {
      expect(seen.kinds.get(kind) ?? 0).toBeGreaterThan(300);
    }
  });

  it("lists the same problems", () => {
    fc.assert(
      fc.property(world, (found) => {
        const sorted = (problems: readonly { about: string; problem: string }[]): readonly string[] =>
          problems.map((problem) => JSON.stringify(problem)).toSorted();
        expect(sorted(indexNetworkWorld(found).problems)).toEqual(sorted(compileNetworkWorld(found).problems));
      }),
      { numRuns: 100 },
    );
  });

  it("refuses what the plain evaluator refuses, in the same words", () => {
    const found: NetworkWorld = { namespaces: [], pods: [pod("x/a", "10.0.0.1")], policies: [] };
    const index = indexNetworkWorld(found);
    const plain = compileNetworkWorld(found);
    const a = { namespace: "x", name: "a" };
    for (const [from, port] of [
      [{ namespace: "x", name: "__proto__" }, 80],
      [{ namespace: "__proto__", name: "a" }, 80],
      [{ ip: "10.0.0.01" }, 80],
      [{ ip: "10.0.0" }, 80],
      [a, 0],
      [a, 65_536],
      [a, 1.5],
    ] as const) {
      const connection = { from, to: { ip: "10.0.0.9" }, protocol: "TCP", port } as const;
      const message = thrown(() => evaluateConnection(plain, connection));
      expect(message).not.toBe("");
      expect(thrown(() => verdictOf(index, connection))).toBe(message);
    }
  });

  it("for many pods with many labels the policies do not look at, and for sets of more than a few peers", () => {
    const pods = Array.from({ length: 300 }, (_, at) =>
      pod(`ns${at % 3}/w${at}`, `10.0.${at >> 8}.${at & 255}`, { labels: { app: `w${at}`, even: String(at % 2) } }),
    );
    const policies = pods.slice(0, 40).map(({ namespace, name }, at) =>
      policy(`${namespace}/${name}`, {
        podSelector: { matchLabels: { app: name } },
        ingress: [
          { from: [{ namespaceSelector: {}, podSelector: { matchLabels: { even: String(at % 2) } } }] },
          { from: pods.slice(0, at).map((one) => ({ podSelector: { matchLabels: { app: one.name } } })) },
        ],
      }),
    );
    const found = { namespaces: [], pods, policies };
    const index = indexNetworkWorld(found);
    const plain = compileNetworkWorld(found);
    for (let at = 0; at < 6000; at++) {
      const connection = { from: pods[at % 300]!, to: pods[Math.floor(at / 300)]!, protocol: "TCP", port: 80 } as const;
      expect(verdictOf(index, connection)).toBe(evaluateConnection(plain, connection).verdict);
    }
  });

  it("does not care about the order of policies, nor whether pods and policies are given twice", () => {
    fc.assert(
      fc.property(world, profileName, (found, profile) => {
        const policies = [...new Map(found.policies.map((one) => [JSON.stringify(one.metadata), one])).values()];
        const one = indexNetworkWorld({ ...found, policies }, profile);
        const other = indexNetworkWorld(
          {
            ...found,
            policies: [...policies, ...policies].toReversed(),
            pods: [...found.pods, ...found.pods],
          },
          profile,
        );
        for (const connection of connectionsOf(found).filter((_, place) => place % 7 === 0)) {
          expect(verdictOf(other, connection)).toBe(verdictOf(one, connection));
        }
      }),
      { numRuns: 60 },
    );
  });
});

function thrown(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return "";
}
