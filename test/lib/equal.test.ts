import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSameData } from "../../src/lib/equal.ts";

/** Little data of few words, so that two of it are often alike. */
const { data } = fc.letrec<{ data: unknown }>((tie) => ({
  data: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("", "a", 0, 1, true, null, undefined),
    fc.array(tie("data"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "b", "__proto__", "constructor"), tie("data"), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
  ),
}));

/** The same data with the fields of its objects the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(turned);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .map(([name, field]) => [name, turned(field)])
          .toReversed(),
      )
    : value;
}

describe("two values are the same data", () => {
  it("when one is a copy of the other, in whatever order its fields are", () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(isSameData(value, structuredClone(value))).toBe(true);
        expect(isSameData(value, turned(value))).toBe(true);
      }),
    );
  });

  it("exactly when node says that they are deeply equal", () => {
    const seen = { same: 0, other: 0 };
    fc.assert(
      fc.property(data, data, (a, b) => {
        const expected = isDeepStrictEqual(a, b);
        seen[expected ? "same" : "other"]++;
        expect(isSameData(a, b)).toBe(expected);
        expect(isSameData(b, a)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(seen.same, seen.other)).toBeGreaterThan(50);
  });

  it.for([
    [{}, []],
    [{}, null],
    [[], {}],
    [{ constructor: undefined }, {}],
    [{ a: undefined }, { b: undefined }],
    [{ a: 1 }, { a: 1, b: undefined }],
    [[1], [1, 2]],
    ["1", 1],
  ] as const)("and not %o and %o", ([a, b]) => {
    expect(isSameData(a, b)).toBe(false);
    expect(isSameData(b, a)).toBe(false);
  });
});
