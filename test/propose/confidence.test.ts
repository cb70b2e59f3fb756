import { describe, expect, it } from "vitest";
import { cutsPerWeek } from "../../src/propose/confidence.ts";

type Given = Parameters<typeof cutsPerWeek>[0];

function given(unit: Given["unit"], horizon: number): Given {
  return { unit, estimate: { coverage: 0.9, unseen: 4, horizon, expected: 4, low: 1, high: 8, uncertain: false } };
}

describe("cutsPerWeek", () => {
  it("brings what is expected over a horizon to seven days", () => {
    expect(cutsPerWeek(given("day", 14))).toEqual({ perWeek: 2, low: 0.5, high: 4 });
    expect(cutsPerWeek(given("hour", 24))).toEqual({ perWeek: 28, low: 7, high: 56 });
  });

  it("says nothing where nothing was estimated", () => {
    expect(cutsPerWeek(given("day", 0))).toBeUndefined();
    expect(cutsPerWeek({ unit: "day", estimate: undefined })).toBeUndefined();
  });
});
