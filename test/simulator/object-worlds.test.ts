import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { edgeName, OBJECT_WORLDS, randomCluster, simPeerName, simulate } from "../support/simulator/index.ts";
import { flowsOf, tupleOf, tuplesOf } from "./read-flows.ts";
import { behind, byUid, dumpAt, lastOwner, matches, ofKind, pathOf, restless, slicesOf } from "./read-objects.ts";

const NAMED = OBJECT_WORLDS["named ports"];

describe("worlds that need the cluster's objects", () => {
  it("have a Service whose named port is another number in each backend, and none in one", () => {
    const simulation = restless(NAMED);
    const dump = dumpAt(NAMED, simulation, simulation.connections[0]!.time);
    const service = ofKind(dump, "Service").find((one) => pathOf(one) === "colours/web");
    expect(service?.spec?.ports?.[0]?.targetPort).toBe("http");
    expect(new Set(slicesOf(dump, service).flatMap(({ ports }) => ports?.map(({ port }) => port)))).toEqual(
      new Set([8080, 9000]),
    );
    const selected = ofKind(dump, "Pod").filter(({ metadata }) => matches({ app: "web" }, metadata.labels));
    const owners = new Set(selected.map((one) => pathOf(lastOwner(byUid(dump), one))));
    expect(owners).toEqual(new Set(["colours/web-blue", "colours/web-green", "colours/web-grey"]));
    expect(simulation.truth.edges.map(edgeName)).toEqual([
      "colours/painter -> colours/web-blue TCP 8080",
      "colours/painter -> colours/web-green TCP 9000",
      "colours/painter -> kube-system/coredns UDP 53",
    ]);
  });

  it("have OpenShift's DNS: port 53 of the Service, 5353 of the pods", () => {
    const world = OBJECT_WORLDS.openshift;
    const simulation = restless(world);
    const dump = dumpAt(world, simulation, simulation.connections[0]!.time);
    const ports = behind(dump, "10.96.0.10", { protocol: "UDP", port: 53 }).map((one) => one.split(" ")[1]);
    expect(new Set(ports)).toEqual(new Set(["5353"]));
    const asked = simulation.truth.edges.filter(({ protocol }) => protocol === "UDP");
    expect(new Set(asked.map(({ server, port }) => `${simPeerName(server)} ${port}`))).toEqual(
      new Set(["openshift-dns/dns-default 5353"]),
    );
  });

  it("have every kind of controller, and a CronJob that does not run in the window", () => {
    const world = OBJECT_WORLDS.controllers;
    const simulation = restless(world);
    const dump = dumpAt(world, simulation, simulation.connections.at(-1)!.time);
    const owners = ofKind(dump, "Pod").map((one) => lastOwner(byUid(dump), one).kind);
    const kinds = ["CronJob", "DaemonSet", "Deployment", "Job", "Node", "Pod", "ReplicaSet", "Rollout", "StatefulSet"];
    expect([...new Set(owners)].toSorted()).toEqual(kinds);
    expect(ofKind(dump, "CronJob").map(pathOf)).toContain("works/weekly");
    expect(simulation.truth.edges.map(edgeName).join()).not.toContain("weekly");
    const ticks = simulation.population.get("works/tick") ?? [];
    expect(ticks.length).toBeGreaterThan(5);
    // Cilium looks through a Deployment's ReplicaSets, not through a Rollout's.
    const flows = flowsOf(simulation).flatMap(({ source, destination }) => [source, destination]);
    const workloads = new Set(flows.flatMap((end) => end?.workloads?.map((one) => `${one.kind} ${one.name}`) ?? []));
    expect([...workloads].filter((one) => /^ReplicaSet canary-[a-z0-9]+$/.test(one))).toHaveLength(2);
    expect(workloads).toContain("Deployment front");
  });

  it("have workloads with one selector: some differ by a label of their templates, some by nothing", () => {
    const world = OBJECT_WORLDS.twins;
    const simulation = restless(world);
    const dump = dumpAt(world, simulation, simulation.connections[0]!.time);
    const deployment = (path: string): object => {
      const found = ofKind(dump, "Deployment").find((one) => pathOf(one) === path);
      return { selector: found?.spec?.selector?.matchLabels, labels: found?.spec?.template?.metadata.labels };
    };
    expect(deployment("twins/reader")).toEqual({
      selector: { app: "ledger" },
      labels: { app: "ledger", role: "reader" },
    });
    expect(deployment("twins/writer")).toEqual({
      selector: { app: "ledger" },
      labels: { app: "ledger", role: "writer" },
    });
    expect(deployment("mirrors/left")).toEqual(deployment("mirrors/right"));
  });

  it("have Services of every type, and one whose endpoints somebody wrote", () => {
    const world = OBJECT_WORLDS.everything;
    const simulation = restless(world);
    const dump = dumpAt(world, simulation, simulation.connections[0]!.time);
    const services = Object.fromEntries(ofKind(dump, "Service").map((one) => [pathOf(one), one]));
    expect(services).toMatchObject({
      "doors/gate": { spec: { type: "NodePort", ports: [{ nodePort: 30_080 }] } },
      "doors/porch": { status: { loadBalancer: { ingress: [{ ip: "192.0.2.44" }] } } },
      "works/store": { spec: { clusterIP: "None" } },
    });
    expect(services["doors/post"]?.spec).toEqual({
      type: "ExternalName",
      externalName: "post.outside.example",
      ports: [{ protocol: "TCP", port: 25, targetPort: 25 }],
      sessionAffinity: "None",
    });
    expect(services["doors/ledger"]?.spec).not.toHaveProperty("selector");
    const written = behind(dump, "10.96.41.3", { protocol: "TCP", port: 5432 });
    expect(written).toEqual(["203.0.113.40 5433", "203.0.113.41 5433"]);
  });

  it("have callers that no flow shows: a webhook, an APIService, a route", () => {
    const world = OBJECT_WORLDS.callers;
    const simulation = restless(world);
    const dump = dumpAt(world, simulation, simulation.connections[0]!.time);
    const kinds = [
      "ValidatingWebhookConfiguration",
      "MutatingWebhookConfiguration",
      "Ingress",
      "HTTPRoute",
      "ServiceMonitor",
    ];
    for (const kind of kinds) expect(ofKind(dump, kind).length, kind).toBeGreaterThan(0);
    expect(ofKind(dump, "APIService").map(pathOf)).toContain("v1beta1.metrics.k8s.io");
    const servers = simulation.truth.entities.map(({ server }) => simPeerName(server));
    expect(servers).toContain("callers/guard");
    expect(servers).not.toContain("callers/sleeper");
    expect(servers).not.toContain("callers/metrics");
  });

  it("have pods in the host's network, which records take for their node", () => {
    const world = OBJECT_WORLDS.callers;
    const simulation = restless(world);
    const contacts = simulation.truth.entities.filter(({ why }) => why === "host-network");
    expect(new Set(contacts.map(({ server, port }) => `${server.kind} ${port}`))).toEqual(
      new Set(["entity 9100", "workload 8080"]),
    );
    const recorded = new Set(flowsOf(simulation).flatMap(tuplesOf));
    expect(simulation.connections.filter((one) => !recorded.has(tupleOf(one)))).toEqual([]);
    expect(flowsOf(simulation).filter(({ source }) => source?.pod_name?.startsWith("node-exporter"))).toEqual([]);
  });
});

describe("clusters made up from a seed", () => {
  it("leave a record of every true connection that some pod has part in", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (seed) => {
        const simulation = simulate(randomCluster(seed, 20), { seed, hours: 2 });
        const recorded = new Set(flowsOf(simulation).flatMap(tuplesOf));
        const heard = simulation.connections.filter(({ client, server }) => [client.kind, server.kind].includes("pod"));
        expect(heard.filter((one) => !recorded.has(tupleOf(one)))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it("have every controller and every type of Service before long", () => {
    const worlds = Array.from({ length: 12 }, (_, seed) => randomCluster(seed, 20));
    const kinds = new Set(worlds.flatMap(({ workloads }) => workloads.map(({ kind }) => kind)));
    expect([...kinds].toSorted()).toEqual([
      "CronJob",
      "DaemonSet",
      "Deployment",
      "Pod",
      "ReplicaSet",
      "Rollout",
      "StatefulSet",
    ]);
    const types = worlds.flatMap(({ services }) =>
      services.map(({ type = "ClusterIP", clusterIp }) => `${type} ${clusterIp === "None"}`),
    );
    expect(new Set(types)).toEqual(
      new Set(["ClusterIP false", "ClusterIP true", "NodePort false", "LoadBalancer false"]),
    );
    expect(worlds.some(({ workloads }) => workloads.some((one) => one.hostNetwork === true))).toBe(true);
  });
});
