import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contradictsSelector, matchesSelector, readSelector } from "../../../src/inventory/objects/label-selector.ts";

/** True when the selector that is written so selects a pod with these labels. */
function selects(written: unknown, labels: Readonly<Record<string, string>>): boolean {
  const selector = readSelector(written);
  if (selector === undefined) throw new Error("no selector");
  return matchesSelector(selector, labels);
}

const requirement = (operator: string, ...values: readonly string[]) => ({
  matchExpressions: [{ key: "app", operator, ...(values.length > 0 ? { values } : {}) }],
});

describe("a selector", () => {
  it.each([
    ["In", requirement("In", "a", "b"), ["a", "b"]],
    ["NotIn", requirement("NotIn", "a"), ["b", "", undefined]],
    ["Exists", requirement("Exists"), ["a", "b", ""]],
    ["DoesNotExist", requirement("DoesNotExist"), [undefined]],
    ["a label", { matchLabels: { app: "a" } }, ["a"]],
    ["an empty label", { matchLabels: { app: "" } }, [""]],
    ["a plain mapping", { app: "a" }, ["a"]],
  ])("with %s selects what the API server would", (_name, written, values) => {
    const selected = ["a", "b", "", undefined].filter((app) => selects(written, app === undefined ? {} : { app }));
    expect(new Set(selected)).toEqual(new Set(values));
  });

  it("asks for all of its parts", () => {
    const both = { matchLabels: { tier: "web" }, ...requirement("Exists") };
    expect(selects(both, { tier: "web" })).toBe(false);
    expect(selects(both, { tier: "web", app: "" })).toBe(true);
  });

  it("loses its run-time labels, and is none when there is nothing left", () => {
    expect(readSelector({ matchLabels: { app: "a", "pod-template-hash": "5d69f8c7b4" } })).toEqual({
      matchLabels: { app: "a" },
    });
    expect(readSelector({ matchLabels: { "controller-uid": "x" } })).toBeUndefined();
    expect(readSelector({ matchExpressions: [{ key: "pod-template-hash", operator: "Exists" }] })).toBeUndefined();
  });

  it.each([
    undefined,
    null,
    7,
    "app=a",
    [],
    {},
    { matchLabels: { app: 7 } },
    { app: true },
    { matchExpressions: [{ key: "app", operator: "Like" }] },
  ])("that can't be read is none: %j", (written) => {
    expect(readSelector(written)).toBeUndefined();
  });

  it("asks nothing of what stands on the prototype", () => {
    expect(selects(JSON.parse('{"matchLabels": {"constructor": "x"}}'), {})).toBe(false);
    expect(selects(requirement("Exists"), Object.create({ app: "a" }) as Record<string, string>)).toBe(false);
  });

  const labels = fc.dictionary(fc.constantFrom("app", "tier"), fc.constantFrom("a", "b"), { maxKeys: 2 });
  const written = fc.constantFrom(
    requirement("In", "a"),
    requirement("NotIn", "a"),
    requirement("Exists"),
    requirement("DoesNotExist"),
    { matchLabels: { app: "a", tier: "b" } },
  );

  it("is contradicted by labels only if it selects no pod that has them and more", () => {
    fc.assert(
      fc.property(written, labels, labels, (one, shown, others) => {
        const selector = readSelector(one);
        fc.pre(selector !== undefined && contradictsSelector(selector, shown));
        expect(selector === undefined || matchesSelector(selector, { ...others, ...shown })).toBe(false);
      }),
    );
  });
});
