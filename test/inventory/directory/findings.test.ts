import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDirectory } from "../../../src/inventory/directory/directory.ts";
import type { Finding } from "../../../src/model/finding.ts";
import { controller, cronJob, deployment, manifest, pod, service, type Value } from "./objects.ts";
import { randomCluster } from "./random-cluster.ts";

function findings(...values: readonly Value[]): readonly Finding[] {
  return readDirectory(values.map((value, at) => manifest(value, `${at}.yaml`))).findings;
}

/** `code: message` of each. */
function told(...values: readonly Value[]): readonly string[] {
  return findings(...values).map(({ code, message }) => `${code}: ${message}`);
}

const namespace = (name: string, uid?: string): Value => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, ...(uid === undefined ? {} : { uid }) },
});

describe("a Service", () => {
  it("that selects nothing is named, where workloads of its namespace are known", () => {
    const lost = service("lost", { selector: { app: "basket" }, ports: [{ port: 80 }] });
    expect(told(deployment("cart"), lost)).toEqual([
      "service-selects-nothing: Services select no workload that is known: shop/lost.",
    ]);
    expect(told(lost)).toEqual([]);
    expect(told(deployment("cart", { namespace: "other" }), lost)).toEqual([]);
  });

  it("without a selector, or by one pod's name only, is left alone", () => {
    const bare = service("db", { ports: [{ port: 5432 }] });
    const one = service("db-0", {
      selector: { "statefulset.kubernetes.io/pod-name": "db-0" },
      ports: [{ port: 5432 }],
    });
    expect(told(deployment("cart"), bare, one)).toEqual([]);
  });

  it("with a named port that nothing behind it declares is named with the port", () => {
    const web = service("web", { selector: { app: "cart" }, ports: [{ port: 80, targetPort: "http" }] });
    expect(told(deployment("cart"), web)).toEqual([
      "service-port-unresolved: Ports of Services lead to a named port that nothing behind them declares: shop/web:80/TCP.",
    ]);
    expect(told(deployment("cart", { ports: [{ name: "http", containerPort: 8080 }] }), web)).toEqual([]);
  });
});

describe("two workloads", () => {
  it("whose selectors match each other's pods are named together", () => {
    const twin = deployment("twin", { selector: { matchLabels: { app: "cart" } }, labels: { app: "cart" } });
    expect(told(deployment("cart"), twin)).toEqual([
      "selectors-overlap: The selectors of some workloads match each other's pods: Deployment shop/cart and Deployment shop/twin.",
    ]);
  });

  it("one of which alone matches the other's pods, or that live apart, are not", () => {
    const narrower = deployment("narrow", {
      selector: { matchLabels: { app: "cart", part: "a" } },
      labels: { app: "cart", part: "a" },
    });
    const job = cronJob("clean", { labels: { app: "cart" } });
    expect(told(deployment("cart"), narrower, job, deployment("cart", { namespace: "other" }))).toEqual([]);
  });
});

describe("objects of one name", () => {
  it("that differ and are both written are named with their places", () => {
    expect(told(deployment("cart"), deployment("cart", { labels: { app: "cart", v: "2" } }))).toEqual([
      "objects-conflict: Objects are written twice, and not the same way: Deployment shop/cart (0.yaml:1 and 1.yaml:1).",
    ]);
  });

  it("that are alike, or of which one is from a cluster, are not", () => {
    expect(told(deployment("cart"), deployment("cart"))).toEqual([]);
    expect(told(deployment("cart"), deployment("cart", { uid: "u", labels: { app: "cart", v: "2" } }))).toEqual([]);
    expect(
      told(deployment("cart", { uid: "u" }), deployment("cart", { uid: "u", labels: { app: "cart", v: "2" } })),
    ).toEqual([]);
  });
});

describe("the cluster", () => {
  it("has one namespace kube-system: two of them are two clusters", () => {
    const found = findings(namespace("kube-system", "a"), namespace("kube-system", "b"));
    expect(found).toMatchObject([{ code: "objects-of-several-clusters", severity: "error" }]);
    expect(
      told(
        namespace("kube-system", "a"),
        namespace("kube-system", "a"),
        namespace("shop", "c"),
        namespace("shop", "d"),
      ),
    ).toEqual([]);
  });

  it("misses a Namespace only where some are given", () => {
    expect(told(deployment("cart"))).toEqual([]);
    expect(told(deployment("cart"), namespace("shop"))).toEqual([]);
    expect(told(deployment("cart"), namespace("pay"))).toEqual([
      "namespace-unknown: There are workloads in namespaces that are not among the objects: shop.",
    ]);
  });
});

describe("objects that can't be read", () => {
  it.each<[string, Value]>([
    ["Deployment shop/cart: spec.template: is missing", { ...deployment("cart"), spec: {} }],
    [
      "Deployment shop/cart: spec.selector.matchLabels.app: 1 must be text",
      deployment("cart", { selector: { matchLabels: { app: 1 } } }),
    ],
    [
      "Deployment shop/cart: spec.template.metadata.labels.app: true must be text",
      deployment("cart", { labels: { app: true } }),
    ],
    ["Service shop/web: spec.selector: must be a mapping", service("web", { selector: { app: 7 } })],
    ["Service default/(without a name, 0.yaml:1): metadata.name: is missing", { apiVersion: "v1", kind: "Service" }],
    ["Pod default/(without a name, 0.yaml:1): metadata.name: is missing", { apiVersion: "v1", kind: "Pod" }],
  ])("%s", (sentence, value) => {
    const [only, ...others] = told(value);
    expect(others).toEqual([]);
    expect(only).toContain(`objects-incomplete: What can't be read of some objects was left out: ${sentence}`);
  });

  it("are not those that have no selector or no labels, or whose kind is nobody's business", () => {
    const strange: Value = { apiVersion: "example.com/v1", kind: "Strange", spec: { selector: 1 } };
    const custom = controller("example.com/v1", "Runner", "x", { selector: { matchLabels: { app: 1 } } });
    expect(told(pod("bare"), cronJob("job"), strange, custom, controller("batch/v1", "Job", "once"))).toEqual([]);
  });
});

it("findings do not depend on the order of objects, and a sound cluster has none of its own making", () => {
  fc.assert(
    fc.property(randomCluster, fc.infiniteStream(fc.nat()), ({ objects }, random) => {
      const keyed = objects.map((value, at) => ({
        object: manifest(value, `${at}.yaml`),
        key: random.next().value ?? 0,
      }));
      const shuffled = keyed.toSorted((a, b) => a.key - b.key).map(({ object }) => object);
      const found = readDirectory(shuffled).findings;
      expect(found).toEqual(readDirectory(keyed.map(({ object }) => object)).findings);
      const codes = new Set(found.map(({ code }) => code));
      codes.delete("namespace-unknown");
      codes.delete("service-selects-nothing");
      expect([...codes]).toEqual([]);
    }),
  );
});
