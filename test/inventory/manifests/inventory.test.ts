import { describe, expect, it } from "vitest";
import { type Inventory, inventoryOf } from "../../../src/inventory/manifests/inventory.ts";
import { parseDocuments } from "../../../src/inventory/manifests/parse-documents.ts";
import type { InventoryWorkload } from "../../../src/model/inventory.ts";

function inventory(...documents: readonly unknown[]): Inventory {
  const text = documents.map((document) => JSON.stringify(document, undefined, 1)).join("\n---\n");
  return inventoryOf(parseDocuments(text, { file: "a.yaml", namespace: "default", isInChart: false }).objects);
}

const TEMPLATE = {
  metadata: { labels: { app: "cart" } },
  spec: {
    hostNetwork: true,
    containers: [
      {
        ports: [
          { name: "http", containerPort: 8080 },
          { containerPort: 53, protocol: "UDP" },
        ],
      },
    ],
    initContainers: [{ ports: [{ name: "proxy", containerPort: 15_001 }] }],
  },
};

function workloadOf(apiVersion: string, kind: string, spec: unknown): InventoryWorkload | undefined {
  return inventory({ apiVersion, kind, metadata: { name: "cart", namespace: "shop" }, spec }).workloads[0];
}

describe("workloads", () => {
  it.each([
    ["apps/v1", "Deployment"],
    ["apps/v1", "StatefulSet"],
    ["apps/v1", "DaemonSet"],
    ["apps/v1", "ReplicaSet"],
    ["batch/v1", "Job"],
    ["v1", "ReplicationController"],
  ])("%s %s: labels, named ports and hostNetwork come from the template", (apiVersion, kind) => {
    expect(workloadOf(apiVersion, kind, { template: TEMPLATE })).toMatchObject({
      kind,
      owner: "shop/cart",
      labels: { app: "cart" },
      hostNetwork: true,
      ports: [
        { name: "http", port: 8080, protocol: "TCP" },
        { port: 53, protocol: "UDP" },
        { name: "proxy", port: 15_001, protocol: "TCP" },
      ],
      labelsPath: ["spec", "template", "metadata", "labels"],
    });
  });

  it("a CronJob's template lies deeper", () => {
    const spec = { jobTemplate: { spec: { template: TEMPLATE } } };
    expect(workloadOf("batch/v1", "CronJob", spec)?.labels).toEqual({ app: "cart" });
  });

  it("a kind of the same name in another group is none", () => {
    const { workloads, skipped } = inventory({
      apiVersion: "example.com/v1",
      kind: "Deployment",
      metadata: { name: "x" },
    });
    expect(workloads).toEqual([]);
    expect([...skipped]).toEqual([["Deployment", 1]]);
  });

  it("a pod of a cluster has its addresses and node, and the name of what owns it", () => {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "cart-6d8f-x1",
        namespace: "shop",
        labels: { app: "cart", "pod-template-hash": "6d8f" },
        ownerReferences: [{ kind: "ReplicaSet", name: "cart-6d8f", controller: true }],
      },
      spec: { nodeName: "n1" },
      status: { phase: "Running", podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] },
    };
    expect(inventory(pod).workloads[0]).toMatchObject({
      owner: "shop/cart",
      ips: ["10.0.0.1", "fd00::1"],
      node: "n1",
    });
    const done = { ...pod, status: { phase: "Succeeded" } };
    expect(inventory(done)).toMatchObject({ workloads: [], incomplete: [] });
  });

  it("a label that is null is there and empty, as to the API server", () => {
    const template = { ...TEMPLATE, metadata: { labels: { app: "cart", canary: null } } };
    expect(workloadOf("apps/v1", "Deployment", { template })?.labels).toEqual({ app: "cart", canary: "" });
  });

  it.each([
    [{ template: undefined }, "spec.template: is missing"],
    [{ template: { metadata: { labels: { version: 1 } } } }, "spec.template.metadata.labels.version: 1 must be text"],
    [{ template: { metadata: { labels: ["a"] } } }, "must be a mapping of texts"],
  ])("one that says nothing usable is named: %j", (spec, problem) => {
    const { workloads, incomplete } = inventory({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "x" },
      spec,
    });
    expect(workloads).toEqual([]);
    expect(incomplete[0]?.problem).toContain(problem);
  });

  it("parts of the wrong type are read as absent", () => {
    const spec = { template: { metadata: null, spec: { containers: "x", initContainers: [null, { ports: 7 }] } } };
    expect(workloadOf("apps/v1", "Deployment", spec)).toMatchObject({ labels: {}, ports: [], hostNetwork: false });
  });
});

/** The objects of some YAML, as kubectl reads it. */
function inventoryOfYaml(yaml: string): Inventory {
  return inventoryOf(parseDocuments(yaml, { file: "a.yaml", namespace: "default", isInChart: false }).objects);
}

describe("texts without quotes that kubectl reads as something else", () => {
  const workload = (metadata: string, template = "{metadata: {labels: {app: a}}}"): string =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  ${metadata}\nspec:\n  template:\n    ${template}\n`;

  it.each([
    ["a label", workload("name: a", "metadata: {labels: {app: yes}}"), "spec.template.metadata.labels.app: yes", 7],
    ["a name", workload("name: off"), "metadata.name: off", 4],
    ["a namespace", workload("{name: a, namespace: no}"), "metadata.namespace: no", 4],
    ["an annotation", workload("{name: a, annotations: {x/y: n}}"), 'metadata.annotations["x/y"]: n', 4],
    [
      "the name of a port",
      workload("name: a", "spec: {containers: [{ports: [{name: y, containerPort: 80}]}]}"),
      "spec.template.spec.containers[0].ports[0].name: y",
      7,
    ],
    [
      "a label of a pod",
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    tier: 0123\n",
      "metadata.labels.tier: 0123",
      6,
    ],
    [
      "the label of a namespace",
      "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels: {a: on}\n",
      "metadata.labels.a: on",
      5,
    ],
  ])("%s: the object is left out, with the line, the reason and the way out", (_what, yaml, written, line) => {
    const { workloads, namespaces, incomplete } = inventoryOfYaml(yaml);
    expect([...workloads, ...namespaces]).toEqual([]);
    expect(incomplete).toHaveLength(1);
    expect(incomplete[0]?.problem).toMatch(
      / must be text, and kubectl, which reads YAML 1\.1, takes it for (?:true|false|83); put it in quotes$/u,
    );
    expect(incomplete[0]?.problem).toContain(written);
    expect(incomplete.map(({ object, path }) => object.lineOf(path))).toEqual([line]);
    expect(inventoryOfYaml(yaml.replace(/(?<=[:] )(yes|off|no|n|y|0123|on)(?=[,}\n])/u, '"$1"')).incomplete).toEqual(
      [],
    );
  });

  const policy = (spec: string): string =>
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec:\n  ${spec}\n`;

  it.each([
    {
      yaml: workload("name: a", "metadata: {labels: {on: a}}"),
      what: "key",
      written: "on",
      read: [true, "on"],
      line: 7,
    },
    { yaml: policy("podSelector: {matchLabels: {y: a}}"), what: "key", written: "y", read: [true, "y"], line: 5 },
    {
      yaml: policy("egress: [{ports: [{port: 1_000}]}]"),
      what: "number",
      written: "1_000",
      read: [1000, "1_000"],
      line: 5,
    },
    {
      yaml: workload("name: a", "spec: {containers: [{ports: [{containerPort: 0123}]}]}"),
      what: "number",
      written: "0123",
      read: [83, 123],
      line: 7,
    },
  ])("$what $written: the object counts as kubectl reads it, and both readings are told", ({ yaml, ...expected }) => {
    const { misread, incomplete } = inventoryOfYaml(yaml);
    expect(incomplete).toEqual([]);
    const found = misread.map(({ object, path, what, misread: { written, byKubectl, byYaml12 } }) => {
      return { what, written, read: [byKubectl, byYaml12], line: object.lineOf(path) };
    });
    expect(found).toEqual([expected]);
  });

  it("says nothing of what everybody reads alike, or of fields that decide nothing here", () => {
    const spec = "spec: {replicas: 0012, containers: [{env: [{value: no}], ports: [{name: http, containerPort: 80}]}]}";
    const { misread, incomplete } = inventoryOfYaml(workload("name: a", spec));
    expect({ misread, incomplete }).toEqual({ misread: [], incomplete: [] });
  });
});

describe("objects", () => {
  const named = (kind: string, apiVersion: string, name: string, more = {}): unknown => ({
    apiVersion,
    kind,
    metadata: { name, namespace: "shop" },
    ...more,
  });

  it("of unknown kinds are skipped by name and counted", () => {
    const { skipped } = inventory(
      named("Secret", "v1", "a"),
      named("ConfigMap", "v1", "a"),
      named("Secret", "v1", "b"),
    );
    expect([...skipped]).toEqual([
      ["ConfigMap", 1],
      ["Secret", 2],
    ]);
  });

  it("of one name are one: the last, and the others are told", () => {
    const policy = (spec: unknown): unknown => named("NetworkPolicy", "networking.k8s.io/v1", "a", { spec });
    const { policies, replaced } = inventory(policy({ podSelector: {} }), policy({ podSelector: {}, egress: [] }));
    expect(policies.map(({ value }) => value["spec"])).toEqual([{ podSelector: {}, egress: [] }]);
    expect(replaced).toHaveLength(1);
    expect(replaced[0]?.object.document).toBe(0);
    expect(replaced[0]?.by.document).toBe(1);
  });

  it("of other engines are named, and are no NetworkPolicy", () => {
    const { policies, otherEngines, skipped } = inventory(
      named("NetworkPolicy", "crd.projectcalico.org/v1", "a"),
      named("CiliumNetworkPolicy", "cilium.io/v2", "b"),
    );
    expect(policies).toEqual([]);
    expect(otherEngines.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(skipped.size).toBe(0);
  });

  it("namespaces keep their labels", () => {
    const { namespaces } = inventory({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "a", labels: { t: "x" } },
    });
    expect(namespaces).toMatchObject([{ name: "a", labels: { t: "x" } }]);
  });
});
