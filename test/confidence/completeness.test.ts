import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { completenessOf, edgesOfNamespace, edgesOfWorkload, estimateCompleteness } from "../../src/confidence/index.ts";
import { drawBinomial, drawPoisson, seededRandom } from "../../src/confidence/random.ts";
import { EVIDENCE, edge } from "../evaluator/world.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Windows as records give them: the last one comes a little before the end. */
function days(count: number, first = 0): { readonly first: number; readonly last: number } {
  return { first, last: first + count * DAY - 1000 };
}

/** Hours of an edge that was seen in these days, at noon. */
function onDays(...seen: readonly number[]): readonly number[] {
  return seen.map((day) => day * 24 + 12);
}

describe("estimateCompleteness", () => {
  it("computes coverage, unseen and new edges as by hand when some edges were seen twice", () => {
    // m = 10; U = 10 + 3 + 2 + 2 + 1 + 1 + 1 = 20; Q1 = 3, Q2 = 2.
    const edges = [
      onDays(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
      onDays(0, 4, 8),
      onDays(1, 2),
      onDays(5, 9),
      onDays(3),
      onDays(6),
      onDays(7),
    ];
    const found = estimateCompleteness(edges, days(10));
    expect(found).toMatchObject({ unit: "day", units: 10, edges: 7, once: 3, twice: 2 });
    // A = 9*3 / (9*3 + 2*2) = 27/31; C = 1 - 3/20 * 27/31.
    expect(found.estimate?.coverage).toBeCloseTo(1 - (3 / 20) * (27 / 31), 12);
    // Q0 = 9/10 * 9/4 = 2.025; new(7) = Q0 * (1 - (1 - 3/23.25)^7).
    expect(found.estimate?.unseen).toBeCloseTo(2.025, 12);
    expect(found.estimate?.horizon).toBe(7);
    expect(found.estimate?.expected).toBeCloseTo(2.025 * (1 - (1 - 3 / 23.25) ** 7), 12);
    expect(found.estimate?.expected).toBeCloseTo(1.2551, 4);
    expect(found.estimate?.uncertain).toBe(false);
  });

  it("uses the other form when no edge was seen twice", () => {
    // m = 4, Q1 = 3, Q2 = 0, U = 3 + 4 = 7. A = 3*2 / (3*2 + 2) = 3/4; Q0 = 3/4 * 3*2/2 = 2.25.
    const { estimate } = estimateCompleteness([onDays(0), onDays(1), onDays(3), onDays(0, 1, 2, 3)], days(4), {
      horizonUnits: 1,
    });
    expect(estimate?.coverage).toBeCloseTo(1 - (3 / 7) * (3 / 4), 12);
    expect(estimate?.unseen).toBeCloseTo(2.25, 12);
    expect(estimate?.expected).toBeCloseTo(2.25 * (3 / 12), 12);
  });

  it("says that everything was seen only when nothing was seen once", () => {
    const { estimate } = estimateCompleteness([onDays(0, 1, 2), onDays(0, 2)], days(3));
    expect(estimate).toMatchObject({ coverage: 1, unseen: 0, expected: 0, uncertain: false });
    expect(estimate?.high).toBeGreaterThanOrEqual(0);
  });

  it("calls one rare edge uncertain rather than complete", () => {
    const { estimate } = estimateCompleteness([onDays(1), onDays(0, 1, 2)], days(3));
    expect(estimate).toMatchObject({ unseen: 0, expected: 0, uncertain: true });
    expect(estimate?.coverage).toBeCloseTo(1 - 1 / 4, 12);
  });

  it("makes no estimate of less than two units, of no window, and of no edges", () => {
    expect(estimateCompleteness([[0], [0]], { first: 0, last: 50 * 60_000 })).toEqual({
      unit: "hour",
      units: 1,
      edges: 2,
      once: 2,
      twice: 0,
      estimate: undefined,
    });
    expect(estimateCompleteness([[], []], undefined)).toMatchObject({
      units: 0,
      edges: 2,
      once: 0,
      estimate: undefined,
    });
    expect(estimateCompleteness([], days(9)).estimate).toBeUndefined();
    expect(estimateCompleteness([[]], days(9))).toMatchObject({ edges: 1, once: 0, estimate: undefined });
  });

  it.for([
    ["half an hour across the full hour is one hour", { first: 0.8 * HOUR, last: 1.3 * HOUR }, "hour", 1],
    ["two hours are two", { first: 0, last: 2 * HOUR - 1 }, "hour", 2],
    ["a long evening and a day are hours", { first: 0, last: 70 * HOUR }, "hour", 70],
    ["three whole days are days, though their records lie closer", days(3), "day", 3],
    ["a week is seven days, wherever in a day it begins", days(7, 13.5 * HOUR), "day", 7],
    ["a rest of a few hours belongs to the last day", { first: 0, last: 7.3 * DAY }, "day", 7],
    ["a rest of more than half a day is a day", { first: 0, last: 7.6 * DAY }, "day", 8],
  ] as const)("%s", ([, window, unit, units]) => {
    expect(estimateCompleteness([[0]], window)).toMatchObject({ unit, units });
  });

  it("counts units, not connections: a burst within one day is one sighting", () => {
    const burst = Array.from({ length: 24 }, (_, hour) => 24 + hour);
    expect(estimateCompleteness([burst, onDays(0, 1)], days(3))).toMatchObject({ once: 1, twice: 1 });
  });

  it("cuts days from the first hour of the window, not at midnight", () => {
    const first = 18 * HOUR;
    // 20:00 and 04:00 of the same night.
    expect(estimateCompleteness([[20, 28]], days(4, first))).toMatchObject({ once: 1, twice: 0 });
  });

  it("looks 24 hours ahead when it counts hours", () => {
    const { estimate } = estimateCompleteness([[0], [1], [0, 1]], { first: 0, last: 5 * HOUR });
    expect(estimate?.horizon).toBe(24);
  });

  const edges = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 14 * 24 - 1 }), { maxLength: 20 }), {
    maxLength: 40,
  });

  it("gives equal figures for equal observations in any order, and for repeated hours", () => {
    fc.assert(
      fc.property(edges, fc.integer(), (list, seed) => {
        const again = list.toReversed().map((hours) => [...hours, ...hours].toReversed());
        const options = { seed, samples: 20 };
        expect(estimateCompleteness(again, days(14), options)).toEqual(estimateCompleteness(list, days(14), options));
      }),
      { numRuns: 60 },
    );
  });

  it("keeps coverage between 0 and 1, the estimate inside its interval, and grows with the horizon up to Q0", () => {
    fc.assert(
      fc.property(edges, fc.integer({ min: 2, max: 14 }), (list, units) => {
        const ahead = [1, 7, 10_000].map((horizonUnits) =>
          estimateCompleteness(list, days(units), { horizonUnits, samples: 20 }),
        );
        const [near, week, far] = ahead.map((found) => found.estimate);
        for (const estimate of [near, week, far]) {
          fc.pre(estimate !== undefined);
          expect(estimate.coverage).toBeGreaterThanOrEqual(0);
          expect(estimate.coverage).toBeLessThanOrEqual(1);
          expect(estimate.low).toBeLessThanOrEqual(estimate.expected);
          expect(estimate.high).toBeGreaterThanOrEqual(estimate.expected);
          expect(estimate.low).toBeGreaterThanOrEqual(0);
        }
        expect(week!.expected).toBeGreaterThanOrEqual(near!.expected);
        expect(far!.expected).toBeCloseTo(far!.unseen, 6);
      }),
      { numRuns: 100 },
    );
  });

  it("changes only the interval with the seed", () => {
    const list = [onDays(0), onDays(1), onDays(2), onDays(3), onDays(0, 1), onDays(2, 3), onDays(0, 1, 2, 3)];
    const [one, two] = [1, 2].map((seed) => estimateCompleteness(list, days(4), { seed }).estimate);
    expect(two).toMatchObject({ coverage: one!.coverage, unseen: one!.unseen, expected: one!.expected });
    expect([two!.low, two!.high]).not.toEqual([one!.low, one!.high]);
  });

  it("takes a large cluster in its stride: 20,000 edges", () => {
    const random = seededRandom(5);
    const list = Array.from({ length: 20_000 }, (_, index) =>
      Array.from({ length: 1 + (index % 30) }, () => Math.floor(random() * 24 * 28)),
    );
    expect(estimateCompleteness(list, days(28)).estimate?.coverage).toBeGreaterThan(0.9);
  });
});

describe("completenessOf", () => {
  const seen = (client: string, server: string, ...hours: readonly number[]): ReturnType<typeof edge> => ({
    ...edge(client, server, "TCP/80"),
    evidence: { ...EVIDENCE, hours },
  });
  const graph = {
    window: days(4),
    edges: [
      seen("shop/cart", "shop/payments", ...onDays(0, 1, 2)),
      seen("shop/frontend", "shop/cart", ...onDays(1)),
      seen("monitoring/scraper", "shop/cart", ...onDays(0, 1)),
      seen("shopping/list", "203.0.113.7", ...onDays(2)),
    ],
  };

  it("looks at all edges, at those of a namespace, or at those of a workload and a direction", () => {
    const edgesOf = (filter?: (found: ReturnType<typeof edge>) => boolean): number =>
      completenessOf(graph, filter).edges;
    expect(edgesOf()).toBe(4);
    expect(edgesOf(edgesOfNamespace("shop"))).toBe(3);
    expect(edgesOf(edgesOfNamespace("shopping"))).toBe(1);
    expect(edgesOf(edgesOfWorkload("shop/cart"))).toBe(3);
    expect(edgesOf(edgesOfWorkload("shop/cart", "ingress"))).toBe(2);
    expect(edgesOf(edgesOfWorkload("shop/cart", "egress"))).toBe(1);
  });

  it("takes hours and window from the graph", () => {
    expect(completenessOf(graph)).toMatchObject({ unit: "day", units: 4, once: 2, twice: 1 });
  });
});

describe("drawBinomial", () => {
  it.for([
    [10, 0.3],
    [10, 0.8],
    [1000, 0.002],
    [5000, 0.5],
    [1, 0.1],
  ] as const)("has the mean and the variance of %d trials of %d", ([trials, chance]) => {
    const random = seededRandom(42);
    const draws = Array.from({ length: 4000 }, () => drawBinomial(trials, chance, random));
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
    const wanted = trials * chance * (1 - chance);
    expect(Math.abs(mean - trials * chance)).toBeLessThan(5 * Math.sqrt(wanted / draws.length));
    expect(Math.abs(variance / wanted - 1)).toBeLessThan(0.25);
    expect(draws.every((value) => Number.isInteger(value) && value >= 0 && value <= trials)).toBe(true);
  });

  it("is certain where chance is", () => {
    const random = seededRandom(1);
    expect([drawBinomial(7, 0, random), drawBinomial(7, 1, random), drawBinomial(0, 0.5, random)]).toEqual([0, 7, 0]);
  });
});

describe("drawPoisson", () => {
  it.for([0.2, 3, 80])("has mean and variance %d", (wanted) => {
    const random = seededRandom(42);
    const draws = Array.from({ length: 4000 }, () => drawPoisson(wanted, random));
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean - wanted)).toBeLessThan(5 * Math.sqrt(wanted / draws.length));
    expect(Math.abs(variance / wanted - 1)).toBeLessThan(0.25);
  });

  it("draws nothing where nothing is expected", () => {
    expect(drawPoisson(0, seededRandom(1))).toBe(0);
  });
});
