import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  differenceOf,
  everybody,
  holds,
  intersectionOf,
  membersOf,
  type PeerSet,
  peerSet,
  peerSetOf,
  unionOf,
} from "../../../src/evaluator/network-index/peer-set.ts";

const SIZE = 150;

/** From none to all: a set of a few is kept in another way than a large one. */
const ids = fc.oneof(
  fc.subarray(Array.from({ length: SIZE }, (_, id) => id)),
  fc.subarray(
    Array.from({ length: SIZE }, (_, id) => id),
    { minLength: 60, maxLength: 70 },
  ),
  fc.subarray(
    Array.from({ length: SIZE }, (_, id) => id),
    { maxLength: 4 },
  ),
);
const set: fc.Arbitrary<PeerSet> = fc.oneof(
  { weight: 8, arbitrary: ids.map((found) => peerSet(found, SIZE)) },
  { weight: 1, arbitrary: fc.constant(everybody(SIZE)) },
);

const sorted = (found: Iterable<number>): readonly number[] => [...found].toSorted((a, b) => a - b);

describe("sets of peers", () => {
  it("hold their members and nobody else", () => {
    fc.assert(
      fc.property(ids, (found) => {
        const made = peerSet(found, SIZE);
        expect(membersOf(made)).toEqual(found);
        expect(Array.from({ length: SIZE }, (_, id) => id).filter((id) => holds(made, id))).toEqual(found);
      }),
    );
  });

  it("are made of lists in any order", () => {
    fc.assert(
      fc.property(ids, fc.nat(SIZE), (found, cut) => {
        const lists = [found.slice(cut).toReversed(), found.slice(0, cut)];
        expect(peerSetOf(lists, SIZE)).toEqual(peerSet(found, SIZE));
      }),
    );
  });

  it("are joined, cut and taken from each other as sets are", () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const [one, other] = [new Set(membersOf(a)), new Set(membersOf(b))];
        expect(membersOf(unionOf([a, b], SIZE))).toEqual(sorted(new Set([...one, ...other])));
        expect(membersOf(intersectionOf(a, b))).toEqual([...one].filter((id) => other.has(id)));
        expect(membersOf(differenceOf(a, b))).toEqual([...one].filter((id) => !other.has(id)));
      }),
      { numRuns: 500 },
    );
  });

  it("that are equal are kept alike after cutting, so that they can be found again", () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const [one, other] = [peerSet(a, SIZE), peerSet(b, SIZE)];
        const common = a.filter((id) => b.includes(id));
        const rest = a.filter((id) => !b.includes(id));
        expect(intersectionOf(one, other)).toEqual(peerSet(common, SIZE));
        expect(differenceOf(one, other)).toEqual(peerSet(rest, SIZE));
      }),
      { numRuns: 500 },
    );
  });

  it("say that they are everybody only if they are", () => {
    fc.assert(
      fc.property(fc.array(set, { maxLength: 4 }), (sets) => {
        const joined = unionOf(sets, SIZE);
        expect(!joined.isWhole || membersOf(joined).length === SIZE).toBe(true);
        expect(membersOf(joined)).toEqual(sorted(new Set(sets.flatMap(membersOf))));
      }),
    );
  });
});
