import { describe, expect, it } from "vitest";
import { inOrder, newest } from "../../../src/inventory/directory/object-order.ts";
import { manifest, type Value } from "./objects.ts";

function version(metadata: Value, mark: string): Value {
  return { apiVersion: "v1", kind: "Service", metadata: { name: "a", namespace: "shop", ...metadata }, spec: { mark } };
}

/** The mark of the version that counts. */
function counting(...values: readonly Value[]): unknown {
  return newest(inOrder(values.map((value) => manifest(value)))).map(({ value }) => (value["spec"] as Value)["mark"]);
}

describe("of objects with one name", () => {
  // Marks are against the order that contents alone would give.
  it.each([
    ["made last", { creationTimestamp: "2026-01-05T00:00:00Z" }, { creationTimestamp: "2026-01-06T00:00:00Z" }],
    ["of the highest generation", { generation: 9 }, { generation: 10 }],
    ["of the highest version", { resourceVersion: "999" }, { resourceVersion: "1000" }],
    [
      "made last, before any generation",
      { creationTimestamp: "2026-01-05T00:00:00Z", generation: 9 },
      { creationTimestamp: "2026-01-06T00:00:00Z", generation: 1 },
    ],
  ])("the one %s counts", (_what, older, newer) => {
    const [old, young] = [version(older, "z"), version(newer, "a")];
    expect(counting(old, young)).toEqual(["a"]);
    expect(counting(young, old)).toEqual(["a"]);
  });

  it("the one in the last file counts where nothing else tells", () => {
    const files = [manifest(version({}, "a"), "b.yaml"), manifest(version({}, "z"), "a.yaml")];
    expect(newest(inOrder(files)).map(({ file }) => file)).toEqual(["b.yaml"]);
    expect(newest(inOrder(files.toReversed())).map(({ file }) => file)).toEqual(["b.yaml"]);
  });
});
