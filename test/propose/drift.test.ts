import { describe, expect, it } from "vitest";
import type { NetworkPolicy } from "../../src/model/manifest.ts";
import { driftBetween } from "../../src/propose/drift.ts";

function own(
  id: string,
  labels: Readonly<Record<string, string>> = { "app.kubernetes.io/managed-by": "netlearn" },
): NetworkPolicy {
  const [namespace = "", name = ""] = id.split("/");
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace, labels },
    spec: { podSelector: {}, policyTypes: ["Ingress"] },
  };
}

const SHOP = new Set(["shop"]);

describe("driftBetween", () => {
  it("says what stands on one side alone, in namespaces that are judged", () => {
    const live = [own("shop/netlearn-cart"), own("shop/netlearn-old"), own("web/netlearn-front")];
    const standing = [own("shop/netlearn-cart"), own("shop/netlearn-db"), own("mail/netlearn-in")];
    expect(driftBetween(live, standing, SHOP)).toEqual([
      { kind: "git-only", object: "NetworkPolicy shop/netlearn-db" },
      { kind: "live-only", object: "NetworkPolicy shop/netlearn-old" },
    ]);
  });

  it("says nothing of people's policies, and nothing where the cluster was not read", () => {
    expect(driftBetween([own("shop/by-hand", {})], [], SHOP)).toEqual([]);
    expect(driftBetween(undefined, [own("shop/netlearn-db")], SHOP)).toEqual([]);
  });
});
