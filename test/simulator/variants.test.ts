import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createRandom, duplicate, gzip, shuffle, split, text } from "../support/simulator/index.ts";

const LINES = Array.from({ length: 100 }, (_, index) => `line ${index}`);

describe("variants of a file", () => {
  it("shuffle keeps the lines and changes their order, the same way for the same seed", () => {
    const shuffled = shuffle(LINES, 1);
    expect(shuffled).not.toEqual(LINES);
    expect(shuffled.toSorted()).toEqual(LINES.toSorted());
    expect(shuffle(LINES, 1)).toEqual(shuffled);
    expect(shuffle(LINES, 2)).not.toEqual(shuffled);
  });

  it("duplicate has every line as often as asked", () => {
    const counts = Map.groupBy(duplicate(LINES, 3, 1), (line) => line);
    expect(counts.size).toBe(100);
    expect([...counts.values()].every((lines) => lines.length === 3)).toBe(true);
  });

  it("split deals all lines out in their order", () => {
    const parts = split(LINES, 3);
    expect(parts.map((part) => part.length)).toEqual([34, 33, 33]);
    expect(parts[1]?.slice(0, 2)).toEqual(["line 1", "line 4"]);
    expect(parts.flat().toSorted()).toEqual(LINES.toSorted());
  });

  it("gzip gives back the text", () => {
    expect(gunzipSync(gzip(LINES)).toString()).toBe(text(LINES));
  });
});

describe("the source of numbers", () => {
  it("is even", () => {
    const random = createRandom("even");
    const counts = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 10_000; index += 1) counts[random.integer(0, 9)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });

  it("has forks that do not move when the trunk does", () => {
    const trunk = createRandom("x");
    const before = trunk.fork("a").next();
    trunk.next();
    expect(trunk.fork("a").next()).toBe(before);
    expect(trunk.fork("b").next()).not.toBe(before);
  });
});
