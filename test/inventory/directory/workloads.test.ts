import { describe, expect, it } from "vitest";
import {
  called,
  clue,
  controller,
  cronJob,
  deployment,
  directory,
  moment,
  owner,
  pod,
  replicaSet,
  service,
  workloads,
} from "./objects.ts";

const HASH = "5d69f8c7b4";

describe("owner chains", () => {
  it("a Deployment's pods are its own across a rollout, through ReplicaSets by uid", () => {
    const found = directory(
      deployment("cart", { uid: "d" }),
      replicaSet(`cart-${HASH}`, { uid: "r1", owner: owner("apps/v1", "Deployment", "cart", "d"), replicas: 1 }),
      replicaSet("cart-7c9d8b6f5d", { uid: "r2", owner: owner("apps/v1", "Deployment", "cart", "d"), replicas: 1 }),
      pod(`cart-${HASH}-x7k2p`, {
        owner: owner("apps/v1", "ReplicaSet", `cart-${HASH}`, "r1"),
        labels: { app: "cart" },
      }),
      pod("cart-7c9d8b6f5d-q2w4z", { owner: owner("apps/v1", "ReplicaSet", "other", "r2"), labels: { app: "cart" } }),
    );
    expect(workloads(found)).toEqual(["shop/Deployment/cart"]);
  });

  it("without uids, through the names of owners", () => {
    const found = directory(
      deployment("cart"),
      replicaSet(`cart-${HASH}`, { owner: owner("apps/v1", "Deployment", "cart") }),
      pod(`cart-${HASH}-x7k2p`, { owner: owner("apps/v1", "ReplicaSet", `cart-${HASH}`) }),
    );
    expect(workloads(found)).toEqual(["shop/Deployment/cart"]);
  });

  it.each([
    ["Deployment", "apps/v1", "pod-template-hash"],
    ["Rollout", "argoproj.io/v1alpha1", "rollouts-pod-template-hash"],
  ])("without ReplicaSets in the dump, by the hash in the label that a %s puts on pods", (kind, apiVersion, label) => {
    const one = pod(`cart-${HASH}-x7k2p`, {
      owner: owner("apps/v1", "ReplicaSet", `cart-${HASH}`, "r1"),
      labels: { app: "cart", [label]: HASH },
    });
    expect(workloads(directory(one))).toEqual([`shop/${kind}/cart`]);
    const listed = controller(apiVersion, kind, "cart", {
      selector: { matchLabels: { app: "cart" } },
      labels: { app: "cart" },
    });
    const found = directory(listed, one);
    expect(workloads(found)).toEqual([`shop/${kind}/cart`]);
    expect(found.workloads[0]?.selector).toEqual({ matchLabels: { app: "cart" } });
  });

  it("a ReplicaSet that nobody owns, and whose pods carry no hash, is a workload", () => {
    const found = directory(
      replicaSet("cart", { labels: { app: "cart" }, selector: { matchLabels: { app: "cart" } } }),
      pod("cart-x7k2p", { owner: owner("apps/v1", "ReplicaSet", "cart") }),
    );
    expect(workloads(found)).toEqual(["shop/ReplicaSet/cart"]);
  });

  it("a CronJob keeps its pods over several ticks, with and without the Jobs", () => {
    const job = (tick: number) => `report-${tick}`;
    const pods = [29_000_000, 29_001_440].map((tick) =>
      pod(`${job(tick)}-x7k2p`, {
        owner: owner("batch/v1", "Job", job(tick)),
        labels: { app: "report", "job-name": job(tick) },
      }),
    );
    const jobs = [29_000_000, 29_001_440].map((tick) =>
      controller("batch/v1", "Job", job(tick), { owner: owner("batch/v1", "CronJob", "report") }),
    );
    const listed = cronJob("report", { labels: { app: "report" } });
    expect(workloads(directory(listed, ...jobs, ...pods))).toEqual(["shop/CronJob/report"]);
    expect(workloads(directory(listed, ...pods))).toEqual(["shop/CronJob/report"]);
    expect(workloads(directory(...jobs, ...pods))).toEqual(["shop/CronJob/report"]);
    expect(directory(listed, ...pods).workloads[0]).toMatchObject({ labels: { app: "report" }, variants: [] });
  });

  it("a Job called after a day is not taken for a CronJob's, one called after the minute of its pod is", () => {
    const tick = Date.parse(moment("03:00")) / 60_000;
    const of = (job: string) => pod(`${job}-x7k2p`, { owner: owner("batch/v1", "Job", job), started: moment("03:01") });
    expect(workloads(directory(of("migrate-20260105")))).toEqual(["shop/Job/migrate-20260105"]);
    expect(workloads(directory(of(`report-${tick}`)))).toEqual(["shop/CronJob/report"]);
  });

  it("a custom resource is known from its pods alone", () => {
    const found = directory(
      pod("kafka-0", {
        owner: owner("core.strimzi.io/v1beta2", "StrimziPodSet", "kafka"),
        labels: { app: "kafka", a: "1" },
      }),
      pod("kafka-1", {
        owner: owner("core.strimzi.io/v1beta2", "StrimziPodSet", "kafka"),
        labels: { app: "kafka", a: "2" },
      }),
    );
    expect(found.workloads).toMatchObject([
      {
        kind: "StrimziPodSet",
        name: "kafka",
        selector: undefined,
        labels: { app: "kafka" },
        variants: [{ a: "1" }, { a: "2" }],
      },
    ]);
  });

  it("a StatefulSet stands for itself, whoever made it", () => {
    const found = directory(
      controller("apps/v1", "StatefulSet", "prometheus", {
        owner: owner("monitoring.coreos.com/v1", "Prometheus", "main"),
        labels: { app: "prometheus" },
        selector: { matchLabels: { app: "prometheus" } },
      }),
      pod("prometheus-0", { owner: owner("apps/v1", "StatefulSet", "prometheus"), labels: { app: "prometheus" } }),
    );
    expect(workloads(found)).toEqual(["shop/StatefulSet/prometheus"]);
  });

  it("a Knative Service keeps its pods across revisions, and what names a revision is no label of it", () => {
    const revision = (number: string) => {
      const name = `hello-${number}`;
      const labels = {
        app: name,
        "serving.knative.dev/configurationGeneration": String(Number(number)),
        "serving.knative.dev/revision": name,
        "serving.knative.dev/service": "hello",
        "pod-template-hash": HASH,
      };
      return [
        {
          apiVersion: "serving.knative.dev/v1",
          kind: "Revision",
          metadata: {
            name,
            namespace: "shop",
            ownerReferences: [owner("serving.knative.dev/v1", "Configuration", "hello")],
          },
          spec: {},
        },
        deployment(`${name}-deployment`, { owner: owner("serving.knative.dev/v1", "Revision", name), labels }),
        pod(`${name}-deployment-${HASH}-x7k2p`, {
          owner: owner("apps/v1", "ReplicaSet", `${name}-deployment-${HASH}`),
          labels,
        }),
      ];
    };
    const found = directory(
      controller("serving.knative.dev/v1", "Service", "hello", { labels: { team: "web" } }),
      controller("serving.knative.dev/v1", "Configuration", "hello", {
        owner: owner("serving.knative.dev/v1", "Service", "hello"),
      }),
      ...revision("00001"),
      ...revision("00002"),
      service("hello-00002", { selector: { app: "hello-00002" }, ports: [{ port: 80 }] }),
    );
    expect(found.services[0]?.ports[0]?.backends).toMatchObject([{ port: 80, workload: { name: "hello" } }]);
    expect(workloads(found)).toEqual(["shop/Service/hello"]);
    expect(found.workloads[0]?.labels).toEqual({ "serving.knative.dev/service": "hello", team: "web" });
    const byLabels = clue(undefined, { labels: { app: "hello-00002", "serving.knative.dev/service": "hello" } });
    expect(called(found.workloadOf(byLabels))).toBe("Service hello");
    const gone = found.workloadOf(clue(`hello-00009-deployment-${HASH}-bcdfg`));
    expect(called(gone)).toBe("Service hello");
  });

  it("a DeploymentConfig keeps its pods, by its plain selector and without the label of a rollout", () => {
    const found = directory(
      controller("apps.openshift.io/v1", "DeploymentConfig", "cart", {
        selector: { name: "cart" },
        labels: { name: "cart" },
      }),
      pod("cart-3-x7k2p", {
        owner: owner("v1", "ReplicationController", "cart-3"),
        annotations: { "openshift.io/deployment-config.name": "cart" },
        labels: { name: "cart", deployment: "cart-3" },
      }),
    );
    expect(found.workloads).toMatchObject([
      { kind: "DeploymentConfig", selector: { matchLabels: { name: "cart" } }, labels: { name: "cart" }, variants: [] },
    ]);
    expect(called(found.workloadOf(clue("cart-4-q2w4z")))).toBe("DeploymentConfig cart");
  });

  it("an Argo Workflow of a CronWorkflow is one run of it", () => {
    const run = owner("argoproj.io/v1alpha1", "Workflow", "nightly-1767582000", "w");
    const found = directory(
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "CronWorkflow",
        metadata: { name: "nightly", namespace: "shop" },
        spec: {},
      },
      pod("nightly-1767582000-123", {
        owner: run,
        labels: { team: "data", "workflows.argoproj.io/workflow": run.name },
      }),
    );
    expect(found.workloads).toMatchObject([{ kind: "CronWorkflow", name: "nightly", labels: { team: "data" } }]);
  });

  it.each([
    ["by their annotation", { annotations: { "kubernetes.io/config.mirror": "1" } }],
    ["by their owner", { owner: owner("v1", "Node", "cp-1") }],
  ])("static pods of several nodes, known %s, are one, called without the node", (_how, known) => {
    const one = (node: string) =>
      pod(`kube-apiserver-${node}`, {
        node,
        ...known,
        labels: { component: "kube-apiserver" },
        hostNetwork: true,
        ips: ["192.0.2.1"],
      });
    const found = directory(one("cp-1"), one("cp-2"));
    expect(found.workloads).toMatchObject([
      { kind: "Pod", name: "kube-apiserver", labels: { component: "kube-apiserver" }, hostNetwork: true },
    ]);
  });

  it("of several owners the one that controls a pod keeps it", () => {
    const one = pod("cart-0", { labels: { app: "cart" } });
    const owners = [owner("v1", "ConfigMap", "x"), { ...owner("apps/v1", "StatefulSet", "cart"), controller: true }];
    const found = directory({ ...one, metadata: { ...(one["metadata"] as object), ownerReferences: owners } });
    expect(workloads(found)).toEqual(["shop/StatefulSet/cart"]);
  });

  it("an owner by the group that its kind was once of is the same", () => {
    const old = owner("extensions/v1beta1", "Deployment", "cart");
    const found = directory(deployment("cart"), replicaSet("cart-5d69f8c7b4", { owner: old, replicas: 1 }));
    expect(workloads(found)).toEqual(["shop/Deployment/cart"]);
  });

  it("two kinds of one name in two groups stay apart", () => {
    const found = directory(
      controller("batch/v1", "Job", "train", { labels: { app: "train" } }),
      pod("train-worker-0", { owner: owner("batch.volcano.sh/v1alpha1", "Job", "train") }),
    );
    expect(workloads(found)).toEqual(["shop/Job/train", "shop/Job.batch.volcano.sh/train"]);
  });

  it("a Job that was given its own selector has one, others have none", () => {
    const selector = (labels: object) => ({ selector: { matchLabels: labels }, labels: { app: "once" } });
    const found = directory(
      controller("batch/v1", "Job", "own", selector({ app: "once" })),
      controller("batch/v1", "Job", "usual", selector({ "batch.kubernetes.io/controller-uid": "u" })),
    );
    expect(found.workloads.map((one) => one.selector)).toEqual([{ matchLabels: { app: "once" } }, undefined]);
  });

  it("labels of pods that have ended are no variant of a workload", () => {
    const job = (name: string, track: string, phase: string) =>
      pod(`${name}-x7k2p`, {
        owner: owner("batch/v1", "Job", name),
        labels: { track },
        phase,
        ...(phase === "Running" ? {} : { finished: moment("03:20") }),
      });
    const found = directory(
      cronJob("report", { labels: { track: "new" } }),
      job("report-29000000", "old", "Succeeded"),
      job("report-29001440", "running", "Running"),
    );
    expect(found.workloads).toMatchObject([{ labels: { track: "new" }, variants: [{ track: "running" }] }]);
  });

  it("owners in a circle end somewhere", () => {
    const found = directory(
      replicaSet("a", { owner: owner("apps/v1", "ReplicaSet", "b") }),
      replicaSet("b", { owner: owner("apps/v1", "ReplicaSet", "a") }),
      pod("a-x7k2p", { owner: owner("apps/v1", "ReplicaSet", "a") }),
    );
    expect(found.workloads.length).toBeGreaterThan(0);
  });
});
