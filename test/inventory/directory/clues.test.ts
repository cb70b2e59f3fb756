import { describe, expect, it } from "vitest";
import type { PodClue } from "../../../src/model/directory.ts";
import { called, clue, controller, cronJob, deployment, directory, owner, pod, replicaSet } from "./objects.ts";

const HASH = "5d69f8c7b4";

function workloadOf(found: ReturnType<typeof directory>, name: string | undefined, over: Partial<PodClue> = {}) {
  return called(found.workloadOf(clue(name, over)));
}

describe("the owner that a source names", () => {
  it("is the workload of that kind and name, though another kind has the name too", () => {
    const found = directory(deployment("x"), cronJob("x"));
    expect(workloadOf(found, `x-${HASH}-x7k2p`, { owner: { kind: "CronJob", name: "x" } })).toBe("CronJob x");
    expect(workloadOf(found, undefined, { owner: { kind: "Deployment", name: "x" } })).toBe("Deployment x");
  });

  it("a Deployment guessed from a ReplicaSet may be a Rollout", () => {
    const rollout = controller("argoproj.io/v1alpha1", "Rollout", "cart", { labels: { app: "cart" } });
    const found = directory(rollout, cronJob("cart"));
    expect(workloadOf(found, `cart-${HASH}-x7k2p`, { owner: { kind: "Deployment", name: "cart" } })).toBe(
      "Rollout cart",
    );
    expect(workloadOf(found, "cart-0", { owner: { kind: "StatefulSet", name: "cart" } })).toBeUndefined();
  });

  it("a Deployment guessed from a ReplicaSet may be the ReplicaSet itself", () => {
    const found = directory(replicaSet("cart-bcdfgh", { labels: { app: "cart" } }));
    expect(workloadOf(found, "cart-bcdfgh-x7k2p", { owner: { kind: "Deployment", name: "cart" } })).toBe(
      "ReplicaSet cart-bcdfgh",
    );
  });

  it("a CronJob guessed from a Job may be the Job itself", () => {
    const found = directory(controller("batch/v1", "Job", "migrate-20260105", { labels: { app: "migrate" } }));
    expect(workloadOf(found, "migrate-20260105-x7k2p", { owner: { kind: "CronJob", name: "migrate" } })).toBe(
      "Job migrate-20260105",
    );
  });

  it("one that comes anew leads to what it belongs to", () => {
    const found = directory(
      deployment("cart"),
      replicaSet("weird", { owner: owner("apps/v1", "Deployment", "cart"), replicas: 0 }),
    );
    expect(workloadOf(found, undefined, { owner: { kind: "ReplicaSet", name: "weird" } })).toBe("Deployment cart");
  });

  it("is not another workload because its labels are alike", () => {
    const found = directory(deployment("cart"));
    const stranger = { owner: { kind: "Deployment", name: "cart-v2" }, labels: { app: "cart" } };
    expect(workloadOf(found, `cart-v2-${HASH}-x7k2p`, stranger)).toBeUndefined();
  });

  it("a StatefulSet is never a Deployment of its name", () => {
    expect(
      workloadOf(directory(deployment("db")), "db-0", { owner: { kind: "StatefulSet", name: "db" } }),
    ).toBeUndefined();
  });
});

describe("a pod's name", () => {
  it.each([
    ["Deployment", `cart-${HASH}-bcdfg`, deployment("cart")],
    ["Rollout", `cart-${HASH}-bcdfg`, controller("argoproj.io/v1alpha1", "Rollout", "cart")],
    ["StatefulSet", "cart-7", controller("apps/v1", "StatefulSet", "cart")],
    ["DaemonSet", "cart-bcdfg", controller("apps/v1", "DaemonSet", "cart")],
    ["ReplicaSet", "cart-bcdfg", replicaSet("cart")],
    ["Job", "cart-bcdfg", controller("batch/v1", "Job", "cart")],
    ["Job", "cart-3-bcdfg", controller("batch/v1", "Job", "cart", { spec: { completionMode: "Indexed" } })],
    ["CronJob", "cart-29000000-bcdfg", cronJob("cart")],
    ["CronJob", "cart-29000000-3-bcdfg", cronJob("cart", { spec: { completionMode: "Indexed" } })],
    ["DeploymentConfig", "cart-12-bcdfg", controller("apps.openshift.io/v1", "DeploymentConfig", "cart")],
    ["Pod", "cart", pod("cart")],
  ])("leads to a %s whose pods are called so, though none of them is listed: %s", (kind, name, object) => {
    expect(workloadOf(directory(object), name)).toBe(`${kind} cart`);
    expect(workloadOf(directory(object), `other-${name}`)).toBeUndefined();
  });

  it("tells the pods of one kind from those of another with its name", () => {
    const found = directory(deployment("x"), cronJob("x"), controller("apps/v1", "StatefulSet", "x"));
    expect(workloadOf(found, `x-${HASH}-bcdfg`)).toBe("Deployment x");
    expect(workloadOf(found, "x-29000000-bcdfg")).toBe("CronJob x");
    expect(workloadOf(found, "x-0")).toBe("StatefulSet x");
  });

  it("a hash of digits only is no tick of a CronJob", () => {
    expect(workloadOf(directory(deployment("x"), cronJob("x")), "x-456789456-bcdfg")).toBe("Deployment x");
  });

  it("is like those of the listed pods, whatever their controller calls itself", () => {
    const kafka = pod("kafka-0", { owner: owner("core.strimzi.io/v1beta2", "StrimziPodSet", "kafka") });
    expect(workloadOf(directory(kafka), "kafka-2")).toBe("StrimziPodSet kafka");
  });

  it("that fits two goes by labels, then by account, else it stays open", () => {
    const found = directory(
      controller("apps/v1", "DaemonSet", "x", { labels: { app: "x", part: "agent" }, account: "agent" }),
      controller("batch/v1", "Job", "x", { labels: { app: "x", part: "job" } }),
    );
    expect(workloadOf(found, "x-bcdfg")).toBe("ambiguous");
    expect(workloadOf(found, "x-bcdfg", { labels: { app: "x" } })).toBe("ambiguous");
    expect(workloadOf(found, "x-bcdfg", { labels: { app: "x", part: "job" } })).toBe("Job x");
    expect(workloadOf(found, "x-bcdfg", { serviceAccount: "agent" })).toBe("DaemonSet x");
    expect(workloadOf(found, "x-bcdfg", { serviceAccount: "default" })).toBe("Job x");
  });

  it("is not that of a workload whose own selector the labels speak against", () => {
    const found = directory(deployment("cart"));
    expect(workloadOf(found, `cart-${HASH}-bcdfg`, { labels: { app: "other" } })).toBeUndefined();
    expect(workloadOf(found, `cart-${HASH}-bcdfg`, { labels: { team: "a" } })).toBe("Deployment cart");
  });

  it("that was cut to what the API server takes is still that of its workload", () => {
    const long = "a".repeat(50);
    const cut = `${`${long}-${HASH}-`.slice(0, 58)}x7k2p`;
    const found = directory(deployment(long), deployment("b"), controller("apps/v1", "DaemonSet", "c".repeat(60)));
    expect(cut).toHaveLength(63);
    expect(workloadOf(found, cut)).toBe(`Deployment ${long}`);
    expect(workloadOf(found, `${"c".repeat(58)}x7k2p`)).toBe(`DaemonSet ${"c".repeat(60)}`);
    expect(workloadOf(found, `${"d".repeat(58)}x7k2p`)).toBeUndefined();
  });
});

describe("labels alone", () => {
  const cart = deployment("cart", { labels: { app: "cart", tier: "web", "team.k8s.io/id": "7" } });

  it("the workload whose own selector they meet", () => {
    expect(workloadOf(directory(cart, deployment("b")), undefined, { labels: { app: "cart", extra: "1" } })).toBe(
      "Deployment cart",
    );
    const expressions = { matchExpressions: [{ key: "app", operator: "In", values: ["cart", "basket"] }] };
    const found = directory(deployment("cart", { selector: expressions, labels: { app: "cart" } }));
    expect(workloadOf(found, undefined, { labels: { app: "basket" } })).toBe("Deployment cart");
    expect(workloadOf(found, undefined, { labels: { app: "other" } })).toBeUndefined();
  });

  it("may be a part of what the pods have", () => {
    expect(workloadOf(directory(cart, deployment("b")), undefined, { labels: { tier: "web" } })).toBe(
      "Deployment cart",
    );
  });

  it("the workload that has just them, before one that has more", () => {
    const found = directory(cart, cronJob("clean", { labels: { app: "cart", job: "clean" } }));
    expect(workloadOf(found, undefined, { labels: { app: "cart", job: "clean" } })).toBe("CronJob clean");
    expect(workloadOf(found, undefined, { labels: { app: "cart", tier: "web" } })).toBe("Deployment cart");
  });

  it("the workload that has just them, though another has more that its source would have shown", () => {
    const named = { "app.kubernetes.io/name": "cart" };
    const found = directory(
      deployment("cart", { selector: undefined, labels: { ...named, "app.kubernetes.io/component": "server" } }),
      cronJob("clean", { labels: named }),
    );
    expect(workloadOf(found, undefined, { labels: named })).toBe("CronJob clean");
  });

  it("the workload that has just them and what Cilium leaves out", () => {
    const found = directory(cart, cronJob("clean", { labels: { app: "cart", tier: "web", job: "clean" } }));
    expect(workloadOf(found, undefined, { labels: { app: "cart", tier: "web" } })).toBe("Deployment cart");
  });

  it("the workload whose pods have them, before one that only selects them", () => {
    const found = directory(deployment("cart"), cronJob("clean", { labels: { app: "cart", job: "clean", x: "1" } }));
    expect(workloadOf(found, undefined, { labels: { app: "cart", job: "clean" } })).toBe("CronJob clean");
  });

  it("that several have tell nothing", () => {
    const found = directory(
      deployment("a", { labels: { app: "a", part: "x" } }),
      deployment("b", { labels: { app: "b", part: "x" } }),
    );
    expect(workloadOf(found, undefined, { labels: { part: "x" } })).toBe("ambiguous");
    const twins = directory(cronJob("a", { labels: { part: "x" } }), cronJob("b", { labels: { part: "x" } }));
    expect(workloadOf(twins, undefined, { labels: { part: "x" } })).toBe("ambiguous");
  });

  it("of another namespace tell nothing", () => {
    expect(workloadOf(directory(cart), undefined, { namespace: "other", labels: { app: "cart" } })).toBeUndefined();
  });

  it("of pods before a rollout are known from the ReplicaSets that are kept", () => {
    const job = cronJob("job", { labels: { track: "new" } });
    const old = replicaSet("cart-old", {
      replicas: 0,
      owner: owner("apps/v1", "Deployment", "cart"),
      labels: { app: "cart", track: "old" },
    });
    expect(workloadOf(directory(deployment("cart"), job, old), undefined, { labels: { track: "old" } })).toBe(
      "Deployment cart",
    );
  });

  it("an account of its own tells as much, the default one nothing", () => {
    const found = directory(deployment("a", { account: "robot" }), deployment("b"));
    expect(workloadOf(found, undefined, { serviceAccount: "robot" })).toBe("Deployment a");
    expect(workloadOf(found, undefined, { serviceAccount: "default" })).toBeUndefined();
    expect(workloadOf(found, undefined)).toBeUndefined();
  });
});

describe("a Rollout that uses a Deployment's template", () => {
  const rollout = (replicas: number) => [
    deployment("cart", { replicas, ports: [{ name: "http", containerPort: 8080 }] }),
    {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Rollout",
      metadata: { name: "cart", namespace: "shop" },
      spec: { workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "cart" } },
    },
  ];

  it("stands for both while the Deployment keeps no pods", () => {
    const found = directory(...rollout(0));
    expect(found.workloads).toMatchObject([
      { kind: "Rollout", labels: { app: "cart" }, ports: [{ port: 8080 }], selector: { matchLabels: { app: "cart" } } },
    ]);
  });

  it("stands beside it while the Deployment still has some", () => {
    const left = pod(`cart-${HASH}-x7k2p`, {
      owner: owner("apps/v1", "ReplicaSet", `cart-${HASH}`),
      labels: { app: "cart", "pod-template-hash": HASH },
    });
    expect(directory(...rollout(1), left).workloads.map(({ kind }) => kind)).toEqual(["Deployment", "Rollout"]);
  });
});
