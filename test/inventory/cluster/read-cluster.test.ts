import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LISTED_KINDS } from "../../../src/inventory/cluster/listed-kinds.ts";
import { type ClusterOptions, readCluster } from "../../../src/inventory/cluster/read-cluster.ts";
import type { ClusterProgress } from "../../../src/inventory/cluster/read-kind.ts";
import { NetlearnError } from "../../../src/lib/errors.ts";
import type { JsonObject, KubernetesApi, ListEvent, ResourceType } from "../../../src/model/kubernetes-api.ts";
import { type FakeCluster, fakeApi, installed, object, ownedPod, page } from "./fake-api.ts";

const whole = (value: JsonObject): JsonObject => value;

async function read(cluster: FakeCluster | KubernetesApi, options: Partial<ClusterOptions> = {}) {
  const api = "list" in cluster ? cluster : fakeApi(cluster);
  return await readCluster(api, { prune: whole, signal: new AbortController().signal, ...options });
}

/** Notices but the one on what is not installed. */
function noticesIn({ notices }: Awaited<ReturnType<typeof readCluster>>) {
  return notices.filter(({ code }) => code !== "cluster-kinds-not-installed");
}

const refuse =
  (kind: "forbidden" | "absent" | "failed", message: string, ...resources: readonly string[]) =>
  ({ resource }: ResourceType): readonly ListEvent[] | undefined =>
    resources.includes(resource) ? [{ kind, message }] : undefined;

const NO_SERVICES = 'services is forbidden: User "system:serviceaccount:ops:netlearn" cannot list resource "services"';

describe("a cluster that may be read", () => {
  it("gives every object of every kind there is, and no notice but on what is not installed", async () => {
    const objects = LISTED_KINDS.map(({ groups: [group], version, kind }) =>
      object(group === "" ? version : `${group}/${version}`, kind, "one"),
    );
    const types = LISTED_KINDS.filter(({ builtIn }) => !builtIn).map(({ resource, groups }) =>
      installed(resource, groups[0]),
    );
    const found = await read({ objects, types });
    expect(found.objects.map(({ value }) => value).toSorted(byJson)).toEqual(objects.toSorted(byJson));
    expect(found.notices).toEqual([]);
  });

  it("gives them names and a place", async () => {
    const { objects } = await read({
      objects: [object("apps/v1", "Deployment", "cart"), { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } }],
    });
    expect(objects.map(({ lineOf, misreadAt: __, value: _, ...rest }) => ({ ...rest, at: lineOf(["spec"]) }))).toEqual([
      { apiVersion: "v1", kind: "Node", name: "n1", namespace: "default", file: "prod", document: 0, at: 1 },
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        name: "cart",
        namespace: "shop",
        file: "prod",
        document: 1,
        at: 1,
      },
    ]);
  });

  it("reads the same whatever the order in which it tells", async () => {
    const pool = ["Pod", "Service", "Node"].flatMap((kind) => ["a", "b", "c"].map((name) => object("v1", kind, name)));
    const expected = JSON.stringify((await read({ objects: pool })).objects);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(pool, { minLength: pool.length }), async (objects) => {
        expect(JSON.stringify((await read({ objects })).objects)).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });

  it("says in one note what is not installed", async () => {
    const { notices } = await read({ types: [installed("rollouts", "argoproj.io")] });
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({ code: "cluster-kinds-not-installed", severity: "info", about: "prod" });
    expect(notices[0]?.message).toContain("httproutes.gateway.networking.k8s.io");
    expect(notices[0]?.message).not.toContain("rollouts");
  });

  it("is asked for a few kinds at a time", async () => {
    const api = fakeApi();
    let under = 0;
    let most = 0;
    const slow: KubernetesApi = {
      ...api,
      list: async function* (type, options) {
        under += 1;
        most = Math.max(most, under);
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield* api.list(type, options);
        under -= 1;
      },
    };
    await read(slow);
    expect(most).toBe(3);
  });

  it("is never asked for Secrets or ConfigMaps", async () => {
    const api = fakeApi();
    await read(api);
    expect(api.asked.filter((name) => /secret|configmap/u.test(name))).toEqual([]);
    expect(api.asked.length).toBeGreaterThan(10);
  });

  it("is pruned, and definitions lose their schemas before that", async () => {
    const definition = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "xs.example", {
      spec: { group: "example", versions: [{ schema: { huge: true } }], conversion: { strategy: "Webhook" } },
    });
    const seen: JsonObject[] = [];
    await read(
      { objects: [definition, object("v1", "Pod", "a")] },
      {
        prune: (value) => {
          seen.push(value);
          return value;
        },
      },
    );
    expect(new Set(seen.map(({ kind }) => kind))).toEqual(new Set(["CustomResourceDefinition", "Pod"]));
    expect(seen.find(({ kind }) => kind === "CustomResourceDefinition")).toMatchObject({
      spec: { group: "example", conversion: { strategy: "Webhook" } },
    });
    expect(JSON.stringify(seen)).not.toContain("huge");
  });

  it("tells how far it has come", async () => {
    const told: ClusterProgress[] = [];
    const objects = [object("v1", "Pod", "a"), object("v1", "Pod", "b"), object("v1", "Service", "c")];
    await read({ objects }, { progress: (one) => told.push(one) });
    expect(told.at(-1)).toMatchObject({ bytesRead: 3000, records: 3, bytesTotal: undefined });
    expect(told.map(({ source }) => source)).toContain("pods");
  });

  it("drops what came before a list began again, and counts it once", async () => {
    const pods = [object("v1", "Pod", "a"), object("v1", "Pod", "b")];
    const told: ClusterProgress[] = [];
    const { objects } = await read(
      {
        answer: ({ resource }) => (resource === "pods" ? [page(pods, 1), { kind: "restart" }, page(pods)] : undefined),
      },
      { progress: (one) => told.push(one) },
    );
    expect(objects.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(told.at(-1)?.records).toBe(2);
  });

  it("of Calico's two faces shows the one of its API server, and the other where that is not there", async () => {
    const crd = installed("networkpolicies", "crd.projectcalico.org");
    const own = installed("networkpolicies", "projectcalico.org");
    const both = fakeApi({ types: [crd, own] });
    await read(both);
    expect(both.asked.filter((name) => name.includes("calico"))).toEqual(["networkpolicies.projectcalico.org"]);
    const one = fakeApi({ types: [crd] });
    await read(one);
    expect(one.asked.filter((name) => name.includes("calico"))).toEqual(["networkpolicies.crd.projectcalico.org"]);
    const untold = fakeApi({ untold: ["projectcalico.org", "crd.projectcalico.org"] });
    await read(untold);
    expect(untold.asked).toContain("networkpolicies.projectcalico.org");
    const down = fakeApi({ types: [crd], untold: ["projectcalico.org"] });
    await read(down);
    expect(down.asked).toContain("networkpolicies.crd.projectcalico.org");
  });
});

function byJson(a: JsonObject, b: JsonObject): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

describe("a kind that may not be read", () => {
  it("is one notice that says what is lost, for whom, and the rule that mends it; all else counts", async () => {
    const found = await read({
      objects: [object("v1", "Pod", "a"), object("v1", "Service", "s")],
      answer: refuse("forbidden", NO_SERVICES, "services"),
    });
    expect(found.objects.map(({ kind }) => kind)).toEqual(["Pod"]);
    expect(noticesIn(found)).toEqual([
      {
        code: "cluster-kind-forbidden",
        severity: "warning",
        about: "prod",
        message: "services: forbidden: flows to Service addresses can't be resolved to pods",
        choice:
          'Grant system:serviceaccount:ops:netlearn the rule {apiGroups: [""], resources: ["services"], verbs: ["list"]}; docs/cluster-rights.md has all of them.',
      },
    ]);
  });

  it.each(LISTED_KINDS.map((kind) => [`${kind.resource} ${kind.groups[0]}`, kind] as const))(
    "says so of %s",
    async (_, kind) => {
      const type = installed(kind.resource, kind.groups[0]);
      const found = await read({
        objects: [object("v1", "Pod", "a"), object("v1", "Service", "a")],
        types: kind.builtIn ? [] : [type],
        answer: ({ resource, group }) =>
          resource === type.resource && group === type.group ? [{ kind: "forbidden", message: "no" }] : undefined,
      });
      expect(noticesIn(found)).toMatchObject([
        { code: "cluster-kind-forbidden", message: expect.stringContaining(kind.lost) },
      ]);
    },
  );

  it("is read in the namespaces somebody named, each once, and one notice says where", async () => {
    const api = fakeApi({
      objects: [object("v1", "Pod", "a"), object("v1", "Pod", "b", { metadata: { namespace: "bank" } })],
      answer: ({ resource }, namespace) =>
        ["pods", "services"].includes(resource) && namespace === undefined
          ? [{ kind: "forbidden", message: "no" }]
          : undefined,
    });
    const found = await read(api, { namespaces: ["shop", "bank", "shop"] });
    expect(found.objects.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(["bank/b", "shop/a"]);
    expect(api.asked.filter((name) => name.startsWith("pods"))).toEqual(["pods", "pods in bank", "pods in shop"]);
    expect(noticesIn(found)).toMatchObject([
      {
        code: "cluster-namespaces-only",
        severity: "warning",
        message: expect.stringMatching(/^read only in bank, shop: pods, services;/u),
      },
    ]);
  });

  it("in some of the namespaces is a notice beside the other", async () => {
    const found = await read(
      {
        objects: [object("v1", "Pod", "a")],
        answer: ({ resource }, namespace) =>
          resource === "pods" && namespace !== "shop" ? [{ kind: "forbidden", message: "no" }] : undefined,
      },
      { namespaces: ["shop", "bank"] },
    );
    expect(found.objects).toHaveLength(1);
    expect(noticesIn(found)).toMatchObject([
      {
        code: "cluster-kind-forbidden",
        message: expect.stringContaining("pods: forbidden in some of the namespaces:"),
      },
      { code: "cluster-namespaces-only", message: expect.stringContaining("read only in shop: pods;") },
    ]);
  });

  it("that is of no namespace is not looked for in namespaces", async () => {
    const api = fakeApi({ answer: refuse("forbidden", "no", "nodes") });
    const found = await read(api, { namespaces: ["shop"] });
    expect(api.asked.filter((name) => name.startsWith("nodes"))).toEqual(["nodes"]);
    expect(noticesIn(found)).toMatchObject([{ message: expect.stringMatching(/^nodes: forbidden:/u) }]);
  });

  it("ends the run when it is every kind, with the server's reason and the way out", async () => {
    const failing = read({ answer: () => [{ kind: "forbidden", message: NO_SERVICES }] });
    await expect(failing).rejects.toThrow(NetlearnError);
    await expect(failing).rejects.toMatchObject({
      code: "NETLEARN_INPUT_UNREADABLE",
      message: `nothing of "prod" may be read: ${NO_SERVICES}`,
      hint: expect.stringContaining("docs/cluster-rights.md"),
    });
  });
});

describe("a kind that is not there", () => {
  it("is a notice when every cluster has it", async () => {
    const found = await read({ absent: ["endpointslices.discovery.k8s.io"] });
    expect(noticesIn(found)).toMatchObject([
      {
        code: "cluster-kind-absent",
        message: expect.stringMatching(/^endpointslices\.discovery\.k8s\.io: this cluster has no such kind: Services/u),
      },
    ]);
  });

  it("is tried in the usual version where the server does not tell", async () => {
    const api = fakeApi({ objects: [object("apps/v1", "Deployment", "cart")], untold: ["apps"] });
    const found = await read(api);
    expect(found.objects.map(({ name }) => name)).toEqual(["cart"]);
    expect(noticesIn(found)).toEqual([]);
  });

  it("is not there when the usual version is refused too", async () => {
    const found = await read({
      untold: ["argoproj.io", "apps"],
      answer: refuse("absent", "404 page not found", "rollouts", "deployments"),
    });
    expect(noticesIn(found)).toMatchObject([
      { code: "cluster-kind-absent", message: expect.stringContaining("deployments.apps") },
    ]);
    expect(found.notices.find(({ code }) => code === "cluster-kinds-not-installed")?.message).toContain("rollouts");
  });
});

describe("a list that fails", () => {
  it("is an error that nobody overlooks, and keeps what was read", async () => {
    const pods = [object("v1", "Pod", "a"), object("v1", "Pod", "b")];
    const found = await read({
      answer: ({ resource }) =>
        resource === "pods" ? [page(pods), { kind: "failed", message: "HTTP 500: etcd" }] : undefined,
    });
    expect(found.objects).toHaveLength(2);
    expect(noticesIn(found)).toMatchObject([
      {
        code: "cluster-kind-unread",
        severity: "error",
        message: expect.stringMatching(/^pods: reading them failed after 2 of them \(HTTP 500: etcd\):/u),
      },
    ]);
  });

  it("because nobody answers ends the run, and what is under way is left", async () => {
    const api = fakeApi();
    const signals: AbortSignal[] = [];
    const failing: KubernetesApi = {
      ...api,
      list: async function* (type, options) {
        signals.push(options.signal);
        if (type.resource === "services") throw new NetlearnError("NETLEARN_INPUT_UNREADABLE", "gone");
        yield* api.list(type, options);
      },
    };
    await expect(read(failing)).rejects.toThrow("gone");
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(api.asked.length).toBeLessThan(5);
  });

  it("is left when the run is interrupted", async () => {
    const stop = new AbortController();
    const api = fakeApi();
    const interrupted: KubernetesApi = {
      ...api,
      list: async function* (type, options) {
        stop.abort();
        options.signal.throwIfAborted();
        yield* api.list(type, options);
      },
    };
    await expect(read(interrupted, { signal: stop.signal })).rejects.toMatchObject({ name: "AbortError" });
  });

  it("of entries that are no objects says how many were left out", async () => {
    const found = await read({
      answer: ({ resource }) => (resource === "pods" ? [page([object("v1", "Pod", "a")], 2)] : undefined),
    });
    expect(found.objects).toHaveLength(1);
    expect(noticesIn(found)).toMatchObject([
      { code: "cluster-object-malformed", message: expect.stringContaining("pods: 2 entries") },
    ]);
  });

  it("holding objects without a name, or with odd ones, keeps them as they are", async () => {
    const odd: JsonObject[] = [
      { apiVersion: "v1", kind: "Pod" },
      { apiVersion: "v1", kind: "Pod", metadata: { name: 7, namespace: ["x"] } },
      { apiVersion: "v1", kind: "Pod", metadata: null },
    ];
    const { objects } = await read({ objects: odd });
    expect(objects).toHaveLength(3);
    expect(objects.map(({ name, namespace, document }) => ({ name, namespace, document }))).toEqual(
      [0, 1, 2].map((document) => ({ name: undefined, namespace: "default", document })),
    );
  });
});

const PODSET: ResourceType = {
  group: "core.strimzi.io",
  version: "v1",
  resource: "strimzipodsets",
  kind: "StrimziPodSet",
  namespaced: true,
};
const KAFKA: ResourceType = {
  group: "kafka.strimzi.io",
  version: "v1",
  resource: "kafkas",
  kind: "Kafka",
  namespaced: true,
};

describe("an owner that no table foresees", () => {
  const podset = object("core.strimzi.io/v1", "StrimziPodSet", "kafka", {
    metadata: {
      ownerReferences: [{ apiVersion: "kafka.strimzi.io/v1", kind: "Kafka", name: "kafka", controller: true }],
    },
  });

  it("is read, and its owner, each kind once", async () => {
    const kafka = object("kafka.strimzi.io/v1", "Kafka", "kafka");
    const api = fakeApi({
      objects: [
        ownedPod("k-0", "core.strimzi.io/v1", "StrimziPodSet"),
        ownedPod("k-1", "core.strimzi.io/v1", "StrimziPodSet"),
        podset,
        kafka,
      ],
      types: [PODSET, KAFKA],
    });
    const found = await read(api);
    expect(found.objects.map(({ kind }) => kind)).toEqual(["Pod", "Pod", "StrimziPodSet", "Kafka"]);
    expect(api.asked.filter((name) => name.includes("strimzi"))).toEqual([
      "strimzipodsets.core.strimzi.io",
      "kafkas.kafka.strimzi.io",
    ]);
    expect(noticesIn(found)).toEqual([]);
  });

  it("is not looked for where the table has it", async () => {
    const api = fakeApi({ objects: [ownedPod("a", "apps/v1", "ReplicaSet"), ownedPod("b", "v1", "Node")] });
    const found = await read(api);
    expect(new Set(api.asked).size).toBe(api.asked.length);
    expect(noticesIn(found)).toEqual([]);
  });

  it("that may not be read is a note with the rule", async () => {
    const found = await read({
      objects: [ownedPod("k-0", "core.strimzi.io/v1", "StrimziPodSet")],
      types: [PODSET],
      answer: refuse("forbidden", 'User "bob" cannot', "strimzipodsets"),
    });
    expect(noticesIn(found)).toMatchObject([
      {
        code: "cluster-owner-unread",
        severity: "info",
        message: expect.stringContaining("StrimziPodSet.core.strimzi.io owns pods and was not read (forbidden)"),
        choice: expect.stringContaining(
          'Grant bob the rule {apiGroups: ["core.strimzi.io"], resources: ["strimzipodsets"]',
        ),
      },
    ]);
  });

  it.each([
    ["is not served", {}, "no such kind is served"],
    ["is not told of", { untold: ["core.strimzi.io"] }, "not told"],
  ])("that %s is a note", async (_, more, says) => {
    const found = await read({ objects: [ownedPod("k-0", "core.strimzi.io/v1", "StrimziPodSet")], ...more });
    expect(noticesIn(found)).toMatchObject([{ code: "cluster-owner-unread", message: expect.stringContaining(says) }]);
  });

  it("of which there are too many is left out, and said", async () => {
    const many = Array.from({ length: 2001 }, (_, index) =>
      object("core.strimzi.io/v1", "StrimziPodSet", `s-${index}`),
    );
    const found = await read({
      objects: [ownedPod("k-0", "core.strimzi.io/v1", "StrimziPodSet"), ...many],
      types: [PODSET],
    });
    expect(found.objects).toHaveLength(1);
    expect(noticesIn(found)).toMatchObject([{ message: expect.stringContaining("there are more than 2000") }]);
  });

  it("of too many kinds is read for those that own most, and the others are named", async () => {
    const kinds = Array.from({ length: 14 }, (_, index) => `Kind${String(index).padStart(2, "0")}`);
    const types = kinds.map(
      (kind): ResourceType => ({
        group: "x.example",
        version: "v1",
        resource: kind.toLowerCase(),
        kind,
        namespaced: true,
      }),
    );
    const objects = kinds.flatMap((kind, index) => [
      ownedPod(`p-${index}`, "x.example/v1", kind),
      ...(kind === "Kind13" ? [ownedPod("q", "x.example/v1", kind)] : []),
    ]);
    const api = fakeApi({ objects, types });
    const found = await read(api);
    expect(api.asked.filter((name) => name.includes("x.example"))).toHaveLength(12);
    expect(api.asked).toContain("kind13.x.example");
    expect(noticesIn(found).map(({ message }) => message.split(" ")[0])).toEqual([
      "Kind11.x.example",
      "Kind12.x.example",
    ]);
  });

  it("that owns itself is no way to go on for ever", async () => {
    const own = object("core.strimzi.io/v1", "StrimziPodSet", "s", {
      metadata: {
        ownerReferences: [{ apiVersion: "core.strimzi.io/v1", kind: "StrimziPodSet", name: "s", controller: true }],
      },
    });
    const api = fakeApi({ objects: [ownedPod("k-0", "core.strimzi.io/v1", "StrimziPodSet"), own], types: [PODSET] });
    await read(api);
    expect(api.asked.filter((name) => name.includes("strimzi"))).toHaveLength(1);
  });
});
