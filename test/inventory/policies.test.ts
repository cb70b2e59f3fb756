import { describe, expect, it } from "vitest";
import { existingPolicies } from "../../src/inventory/policies.ts";
import type { ManifestObject } from "../../src/model/manifest-object.ts";
import { deployment, manifest, type Value } from "./directory/objects.ts";

function policy(apiVersion: string, kind: string, name: string | undefined, rest: Value = {}): Value {
  const { generation = 1, ...spec } = rest;
  return {
    apiVersion,
    kind,
    metadata: { ...(name === undefined ? {} : { name }), namespace: "shop", generation },
    spec,
  };
}

function names(objects: readonly ManifestObject[]): readonly string[] {
  return objects.map(({ kind, namespace, name = "?" }) => `${kind} ${namespace}/${name}`);
}

const NETWORKING = "networking.k8s.io/v1";

describe("existing policies", () => {
  it("are NetworkPolicies, and those of engines that are not evaluated, sorted", () => {
    const found = existingPolicies(
      [
        policy(NETWORKING, "NetworkPolicy", "b"),
        deployment("cart"),
        policy("security.istio.io/v1", "AuthorizationPolicy", "mesh"),
        policy("cilium.io/v2", "CiliumNetworkPolicy", "l7"),
        policy("crd.projectcalico.org/v1", "NetworkPolicy", "calico"),
        policy(NETWORKING, "NetworkPolicy", "a"),
        policy(NETWORKING, "Ingress", "web"),
      ].map((value) => manifest(value)),
    );
    expect(names(found.networkPolicies)).toEqual(["NetworkPolicy shop/a", "NetworkPolicy shop/b"]);
    expect(names(found.otherEngines)).toEqual([
      "CiliumNetworkPolicy shop/l7",
      "NetworkPolicy shop/calico",
      "AuthorizationPolicy shop/mesh",
    ]);
  });

  it("of one name are the newest, whatever the order", () => {
    const old = manifest(policy(NETWORKING, "NetworkPolicy", "a", { ingress: [], generation: 1 }));
    const young = manifest(policy(NETWORKING, "NetworkPolicy", "a", { ingress: [{}], generation: 2 }));
    for (const objects of [
      [old, young],
      [young, old],
    ]) {
      expect(existingPolicies(objects).networkPolicies).toEqual([young]);
    }
  });

  it("without a name are each one of their own", () => {
    const some = [{ ingress: [] }, { egress: [] }].map((spec) =>
      manifest(policy(NETWORKING, "NetworkPolicy", undefined, spec)),
    );
    expect(existingPolicies(some).networkPolicies).toHaveLength(2);
  });
});
