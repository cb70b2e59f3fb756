import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Difference } from "../../../src/evaluator/difference/difference.ts";
import { policyDifference } from "../../../src/evaluator/difference.ts";
import type { NetworkWorld } from "../../../src/evaluator/network/world.ts";
import { toldBackwards, withoutTies } from "../../support/reordered-world.ts";
import { change, connectionsOf, crowded, profileName, world } from "../network-index/random-world.ts";

/** The same data with the fields of its objects the other way round, as another writer would put them. */
function turned<T>(value: T): T;
function turned(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => turned(item));
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .map(([name, field]) => [name, turned<unknown>(field)])
          .toReversed(),
      )
    : value;
}

/** Everything a difference says: its lists, and the place in them of the row of each connection. */
function said(difference: Difference, head: NetworkWorld): unknown {
  const { rowOf, ...lists } = difference;
  const rows = [...lists.cut, ...lists.opened, ...lists.unclear];
  const asked = connectionsOf(head).filter((_, place) => place % 101 === 0);
  return { ...lists, rowsOf: asked.map((connection) => rows.findIndex((row) => row === rowOf(connection))) };
}

describe("a difference is the same", () => {
  it("whether what did not change is one object in both worlds or was read anew", () => {
    fc.assert(
      fc.property(world, change, profileName, (base, changed, profile) => {
        const head = changed(base);
        const shared = said(policyDifference(base, head, profile), head);
        for (const copy of [structuredClone(head), turned(head)]) {
          expect(said(policyDifference(base, copy, profile), head)).toEqual(shared);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("in whatever order pods and policies are, however many there are", () => {
    fc.assert(
      fc.property(world, change, profileName, fc.integer({ min: 60, max: 120 }), (base, changed, profile, count) => {
        const [from, to] = [crowded(withoutTies(base), count), crowded(withoutTies(changed(base)), count)];
        const { rowOf: _, ...rows } = policyDifference(from, to, profile);
        const { rowOf: __, ...reversed } = policyDifference(toldBackwards(from), toldBackwards(to), profile);
        expect(reversed).toEqual(rows);
      }),
      { numRuns: 25 },
    );
  });

  it("with labels of namespaces that no policy looks at as without them", () => {
    fc.assert(
      fc.property(world, change, profileName, (base, changed, profile) => {
        const head = changed(base);
        const labelled = {
          ...head,
          namespaces: head.namespaces.map(({ name, labels }) => ({ name, labels: { ...labels, unheard: "of" } })),
        };
        const { rowOf: _, ...rows } = policyDifference(base, labelled, profile);
        const { rowOf: __, ...expected } = policyDifference(base, head, profile);
        expect(rows).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});
