import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Labels, Workload } from "../../src/model/graph.ts";
import { selectWorkloads } from "../../src/synthesizer/network/selectors.ts";
import { HOSTILE, someWorkload } from "../support/fixtures.ts";
import type { WorkloadLabels } from "./build-graph.ts";

function workloadsOf(labels: WorkloadLabels): Workload[] {
  return Object.entries(labels).map(([key, own]) => someWorkload(key, { labels: own }));
}

function selectorsOf(labels: WorkloadLabels): Record<string, Labels | undefined> {
  const selections = selectWorkloads(workloadsOf(labels));
  return Object.fromEntries(Object.keys(labels).map((key) => [key, selections.get(key)?.labels]));
}

function matches(selector: Labels, { labels }: Workload): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

describe("the selector of a workload", () => {
  it("is what says what it is, and none of its other labels", () => {
    const labels = { app: "cart", team: "blue", version: "v1", role: "leader", "helm.sh/chart": "cart-1.0" };
    expect(selectorsOf({ "shop/cart": labels })).toEqual({ "shop/cart": { app: "cart" } });
  });

  it("is name and instance of a Helm release, so that a second release is not matched", () => {
    const release = (instance: string): Labels => ({
      "app.kubernetes.io/name": "redis",
      "app.kubernetes.io/instance": instance,
      "app.kubernetes.io/managed-by": "Helm",
      "app.kubernetes.io/version": "7.2",
    });
    expect(selectorsOf({ "shop/a": release("a"), "shop/b": release("b") })).toEqual({
      "shop/a": { "app.kubernetes.io/instance": "a", "app.kubernetes.io/name": "redis" },
      "shop/b": { "app.kubernetes.io/instance": "b", "app.kubernetes.io/name": "redis" },
    });
  });

  it("takes a version in only where nothing else separates (Bookinfo's reviews)", () => {
    const reviews = (version: string): Labels => ({ app: "reviews", version });
    const labels = {
      "books/reviews-v1": reviews("v1"),
      "books/reviews-v2": reviews("v2"),
      "books/details-v1": { app: "details", version: "v1" },
    };
    expect(selectorsOf(labels)).toEqual({
      "books/reviews-v1": { app: "reviews", version: "v1" },
      "books/reviews-v2": { app: "reviews", version: "v2" },
      "books/details-v1": { app: "details" },
    });
    const selections = selectWorkloads(workloadsOf(labels));
    expect(selections.get("books/reviews-v1")?.releaseLabels).toEqual(["version"]);
    expect(selections.get("books/details-v1")?.releaseLabels).toEqual([]);
  });

  it("prefers a lasting label to a release's", () => {
    const labels = {
      "shop/a": { app: "store", tier: "hot", version: "v1" },
      "shop/b": { app: "store", tier: "cold", version: "v2" },
    };
    expect(selectorsOf(labels)["shop/a"]).toEqual({ app: "store", tier: "hot" });
  });

  it("does without role-like labels where an identity label is there", () => {
    const leader = { app: "etcd", role: "leader" };
    expect(selectorsOf({ "shop/etcd": leader, "shop/web": { app: "web", role: "leader" } })).toEqual({
      "shop/etcd": { app: "etcd" },
      "shop/web": { app: "web" },
    });
  });

  it("is every lasting label where none says what it is", () => {
    expect(selectorsOf({ "shop/x": { team: "blue", zone: "1", version: "v1" } })["shop/x"]).toEqual({
      team: "blue",
      zone: "1",
    });
  });

  it("says what else it matches, when no label separates", () => {
    const alike = { "shop/a": { app: "twin" }, "shop/b": { app: "twin" }, "shop/c": { app: "twin", tier: "x" } };
    const selections = selectWorkloads(workloadsOf(alike));
    expect(selections.get("shop/a")).toEqual({
      labels: { app: "twin" },
      alsoMatches: ["shop/b", "shop/c"],
      releaseLabels: [],
    });
    expect(selections.get("shop/c")).toEqual({
      labels: { app: "twin", tier: "x" },
      alsoMatches: [],
      releaseLabels: [],
    });
  });

  it("needs not tell apart what lives in another namespace", () => {
    const twins = { "shop/cart": { app: "cart", env: "a" }, "test/cart": { app: "cart", env: "b" } };
    expect(selectorsOf(twins)).toEqual({ "shop/cart": { app: "cart" }, "test/cart": { app: "cart" } });
  });

  it.each<readonly [string, Labels]>([
    ["no labels", {}],
    [
      "run-time labels only",
      { "pod-template-hash": "5d69f8c7b4", "job-name": "x", "topology.kubernetes.io/zone": "a" },
    ],
    ["a value the API server refuses", { app: HOSTILE }],
    ["a value that is too long", { app: "a".repeat(64) }],
    ["a key the API server refuses", { "bad key": "x", "a/b/c": "x", "/x": "x", "-": "x", "UPPER.example/x": "x" }],
  ])("does not exist for %s: an empty one would mean every pod", (_, labels) => {
    expect(selectorsOf({ "shop/x": labels })).toEqual({ "shop/x": undefined });
  });

  it("takes an empty value, a key with a prefix and the longest value", () => {
    const labels = { "example.com/app": "", app: "a".repeat(63) };
    expect(selectorsOf({ "shop/x": labels })["shop/x"]).toEqual({ app: "a".repeat(63) });
    expect(selectorsOf({ "shop/x": { "example.com/x": "" } })["shop/x"]).toEqual({ "example.com/x": "" });
  });

  it("does not exist in a namespace that can't exist", () => {
    expect(selectorsOf({ "Shop_1/cart": { app: "cart" } })).toEqual({ "Shop_1/cart": undefined });
  });

  const labels = fc.dictionary(
    fc.constantFrom("app", "team", "version", "app.kubernetes.io/name", "tier", "pod-template-hash"),
    fc.constantFrom("a", "b", ""),
    { maxKeys: 4, noNullPrototype: true },
  );

  it("is never empty, matches its own workload, and lists exactly what it matches besides, in any order", () => {
    fc.assert(
      fc.property(fc.array(labels, { minLength: 1, maxLength: 7 }), (all) => {
        const workloads = all.map((own, index) => someWorkload(`shop/w${index}`, { labels: own }));
        const selections = selectWorkloads(workloads);
        expect(Object.fromEntries(selectWorkloads(workloads.toReversed()))).toEqual(Object.fromEntries(selections));
        for (const workload of workloads) {
          const selection = selections.get(workload.key);
          if (selection === undefined) continue;
          expect(Object.keys(selection.labels)).not.toEqual([]);
          expect(matches(selection.labels, workload)).toBe(true);
          const others = workloads.filter((other) => other !== workload && matches(selection.labels, other));
          expect(selection.alsoMatches).toEqual(others.map(({ key }) => key).toSorted());
          const stable = Object.entries(workload.labels).filter(([key]) => key !== "pod-template-hash");
          const inseparable = workloads.filter(
            (other) => other !== workload && matches(Object.fromEntries(stable), other),
          );
          expect(others).toEqual(inseparable);
        }
      }),
    );
  });
});
