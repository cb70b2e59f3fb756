import { describe, expect, it } from "vitest";
import { presentParts } from "../../../src/evaluator/network/present.ts";

describe("what is present in a manifest", () => {
  it("is every field that is not null, at any depth, and an empty object for an item that is", () => {
    const written = { a: null, b: { c: [1, null, { d: null, e: "x" }], f: undefined }, g: [[null]] };
    expect(presentParts<unknown>(written)).toStrictEqual({ b: { c: [1, {}, { e: "x" }] }, g: [[{}]] });
    expect(presentParts<unknown>([null, 1])).toStrictEqual([{}, 1]);
  });

  it("is the thing itself where nothing is null", () => {
    const written = { a: [{ b: "x" }], c: 0, d: false, e: "" };
    expect(presentParts(written)).toBe(written);
  });

  it("keeps a key called __proto__ as a key", () => {
    const written = JSON.parse('{"__proto__": {"a": "x"}, "b": null}');
    expect(Object.entries(presentParts<object>(written))).toEqual([["__proto__", { a: "x" }]]);
  });
});
