import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashTexts } from "../../src/lib/hash.ts";

describe("the hash of several texts", () => {
  it("is an integer below 2^53 that depends on nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
        const hash = hashTexts(texts);
        expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true);
        expect(hashTexts([...texts])).toBe(hash);
      }),
    );
  });

  it("counts where one text ends and in which order they stand", () => {
    const lists = [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"], ["c", "ab"], []];
    expect(new Set(lists.map(hashTexts)).size).toBe(lists.length);
  });

  it("is spread: of 100,000 there are no two alike, and each half of the range has half of them", () => {
    const hashes = Array.from({ length: 100_000 }, (_, index) => hashTexts(["805e8918", String(index), "get"]));
    expect(new Set(hashes).size).toBe(100_000);
    const low = hashes.filter((hash) => hash < 2 ** 52).length;
    expect(Math.abs(low - 50_000)).toBeLessThan(1000);
  });
});
