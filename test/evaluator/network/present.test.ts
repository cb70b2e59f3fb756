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

  it("is the empty text for a label and for an item of a list of texts", () => {
    const selector = { matchLabels: { app: null, tier: "x" }, matchExpressions: [{ key: "a", values: [null, "b"] }] };
    expect(presentParts<unknown>(selector)).toStrictEqual({
      matchLabels: { app: "", tier: "x" },
      matchExpressions: [{ key: "a", values: ["", "b"] }],
    });
    const metadata = { labels: { a: null }, annotations: { b: null }, name: null };
    expect(presentParts<unknown>(metadata)).toStrictEqual({ labels: { a: "" }, annotations: { b: "" } });
    const lists = { policyTypes: [null], except: [null, undefined], ports: [null] };
    expect(presentParts<unknown>(lists)).toStrictEqual({ policyTypes: [""], except: ["", ""], ports: [{}] });
  });

  it("does not take a label for a field because of its name", () => {
    const written = { matchLabels: { labels: null, values: "x" }, matchExpressions: null };
    expect(presentParts<unknown>(written)).toStrictEqual({ matchLabels: { labels: "", values: "x" } });
    expect(presentParts<unknown>({ matchLabels: null, values: null })).toStrictEqual({});
    expect(presentParts<unknown>({ labels: { a: undefined, b: null } })).toStrictEqual({ labels: { b: "" } });
  });

  it("keeps a key called __proto__ as a key", () => {
    const written = JSON.parse('{"__proto__": {"a": "x"}, "b": null}');
    expect(Object.entries(presentParts<object>(written))).toEqual([["__proto__", { a: "x" }]]);
  });
});
