import { describe, expect, it } from "vitest";
import type { KnownWorkload } from "../../src/model/directory.ts";
import type { LabelSelector, NetworkPolicy } from "../../src/model/manifest.ts";
import { isGoneIn, wantedFiles } from "../../src/propose/wanted.ts";
import { manifestFile, someSuggestion } from "../support/fixtures.ts";

function workload(namespace: string, name: string, over: Partial<KnownWorkload> = {}): KnownWorkload {
  return {
    namespace,
    name,
    kind: "Deployment",
    selector: undefined,
    labels: { app: name },
    variants: [],
    ports: [],
    serviceAccount: undefined,
    hostNetwork: false,
    ...over,
  };
}

function policy(podSelector: LabelSelector): NetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "netlearn-cart", namespace: "shop" },
    spec: { podSelector, policyTypes: ["Ingress"] },
  };
}

const CART = policy({ matchLabels: { app: "cart" } });

describe("git rule 27: what a policy is for is gone", () => {
  it("when the namespace's objects were read and none of them fits", () => {
    expect(isGoneIn({ workloads: [workload("shop", "db")] })(CART)).toBe(true);
    expect(isGoneIn({ workloads: [workload("shop", "db"), workload("pay", "cart")] })(CART)).toBe(true);
  });

  it.each([
    ["no objects were read", undefined],
    ["nothing was read", { workloads: [] }],
    ["only objects of other namespaces were read", { workloads: [workload("pay", "db")] }],
    ["it is there", { workloads: [workload("shop", "cart")] }],
    ["a rollout of it is under way", { workloads: [workload("shop", "x", { variants: [{ app: "cart", v: "2" }] })] }],
  ])("never when %s", (_, directory) => {
    expect(isGoneIn(directory)(CART)).toBe(false);
  });

  it("never for what is chosen in another way, or is no policy", () => {
    const isGone = isGoneIn({ workloads: [workload("shop", "db")] });
    expect(isGone(policy({}))).toBe(false);
    expect(isGone(policy({ matchLabels: {} }))).toBe(false);
    expect(isGone(policy({ matchExpressions: [{ key: "app", operator: "In", values: ["cart"] }] }))).toBe(false);
    const matchExpressions = [{ key: "app", operator: "Exists" as const }];
    expect(isGone(policy({ matchLabels: { app: "cart" }, matchExpressions }))).toBe(false);
    const metadata = { name: "r", namespace: "shop" };
    expect(isGone({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata, rules: [] })).toBe(false);
  });
});

it("a policy's file is never called as one of roles, whatever the workload is called", () => {
  const names = ["netlearn-cart", "netlearn-rbac-deployer", "netlearn-cluster-rbac-x", "netlearn-rbac"];
  const suggestion = someSuggestion({ files: names.map((name) => manifestFile("shop", name)) });
  expect(wantedFiles(suggestion).map(({ file }) => file.name)).toEqual([
    "netlearn-cart.yaml",
    "netlearn-rbac-deployer~policy.yaml",
    "netlearn-cluster-rbac-x~policy.yaml",
    "netlearn-rbac.yaml",
  ]);
});
