import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NetworkWorld } from "../../../src/evaluator/network/world.ts";
import { readTwoWorlds } from "../../../src/evaluator/network-index/read-once.ts";
import { readWorld } from "../../../src/evaluator/network-index/read-world.ts";
import type { NetworkPolicy } from "../../../src/model/manifest.ts";
import { policy } from "../world.ts";
import { change, world } from "./random-world.ts";

/** Policies as files hold them: some that a cluster would refuse, some with `null`, some that are none. */
const written = fc.oneof(
  fc.constantFrom(
    policy("x/p0", {}),
    policy("x/p0", { podSelector: {} }),
    policy("x/p0", { podSelector: { matchLabels: { a: "b", c: "d" } } }),
    policy("x/p0", { podSelector: { matchLabels: { c: "d", a: "b" } } }),
    policy("x/p1", { ingress: [{ from: [{}] }] }),
    policy("x/p1", { ingress: [{}] }),
  ),
  fc
    .constantFrom<unknown>(
      null,
      "text",
      {},
      { metadata: null },
      { metadata: { name: 7, namespace: "x" } },
      { ...policy("x/p0", {}), spec: { ingress: [null] } },
      { ...policy("x/p1", {}), spec: { podSelector: null } },
    )
    .map((value) => value as NetworkPolicy),
);

/** Spoils a world with what files may hold besides. */
const spoilt = fc
  .record({ found: world, more: fc.array(written, { maxLength: 4 }) })
  .map(({ found, more }): NetworkWorld => ({ ...found, policies: [...found.policies, ...more] }));

describe("what two worlds have in common is read once", () => {
  it("and is what reading each alone gives, whether objects are shared or only equal", () => {
    fc.assert(
      fc.property(spoilt, change, fc.array(written, { maxLength: 4 }), (base, changed, more) => {
        const next = changed(base);
        const head = { ...next, policies: [...next.policies, ...more] };
        for (const other of [head, structuredClone(head)]) {
          const read = readTwoWorlds(base, other);
          expect(read.base).toEqual(readWorld(base));
          expect(read.head).toEqual(readWorld(other));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("so that equal policies are one object, and equal pods as well", () => {
    fc.assert(
      fc.property(world, (base) => {
        const { base: one, head: other, hasSameEnds } = readTwoWorlds(base, structuredClone(base));
        expect(hasSameEnds).toBe(true);
        expect(other.pods).toBe(one.pods);
        for (const [index, found] of one.policies.entries()) expect(other.policies[index]).toBe(found);
      }),
    );
  });

  it("says that ends are the same only if pods, nodes and namespaces are", () => {
    const base: NetworkWorld = { namespaces: [{ name: "x", labels: {} }], pods: [], policies: [], nodes: [] };
    const heads: readonly NetworkWorld[] = [
      { ...base, namespaces: [{ name: "x", labels: { a: "b" } }] },
      { ...base, nodes: [{ name: "n", ips: [] }] },
      {
        ...base,
        pods: [{ namespace: "x", name: "p", labels: {}, ips: [], hostNetwork: false, ports: [] }],
      },
    ];
    expect(heads.map((head) => readTwoWorlds(base, head).hasSameEnds)).toEqual([false, false, false]);
    const { nodes: _, ...without } = base;
    expect(readTwoWorlds(base, without).hasSameEnds).toBe(true);
  });
});
