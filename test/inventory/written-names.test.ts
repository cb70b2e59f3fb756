import { describe, expect, it } from "vitest";
import { writtenNames } from "../../src/inventory/written-names.ts";
import type { ManifestObject } from "../../src/model/manifest-object.ts";

function object(apiVersion: string, kind: string, metadata: Readonly<Record<string, string>>): ManifestObject {
  return {
    apiVersion,
    kind,
    name: metadata["name"],
    namespace: metadata["namespace"] ?? "default",
    value: { apiVersion, kind, metadata },
    file: "a.yaml",
    document: 0,
    lineOf: () => 1,
    misreadAt: undefined,
  };
}

describe("names that somebody wrote", () => {
  it("are told by resource, namespace and name", () => {
    const objects = [
      object("apps/v1", "Deployment", { name: "cart", namespace: "shop" }),
      object("networking.k8s.io/v1", "NetworkPolicy", { name: "cart", namespace: "shop" }),
    ];
    expect([...writtenNames(objects)]).toEqual([
      "deployments.apps shop/cart",
      "networkpolicies.networking.k8s.io shop/cart",
    ]);
  });

  it("may be of no namespace where none is written", () => {
    expect([...writtenNames([object("v1", "Node", { name: "one" })])]).toEqual(["nodes default/one", "nodes /one"]);
  });

  it("are not those of a dump, which come and go", () => {
    expect(writtenNames([object("v1", "Pod", { name: "cart-x2x7k", namespace: "shop", uid: "1" })])).toEqual(new Set());
  });

  it("need a name", () => {
    expect(writtenNames([object("v1", "Pod", { namespace: "shop" })])).toEqual(new Set());
  });
});
