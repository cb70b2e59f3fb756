import { describe, expect, it } from "vitest";
import { edgeName, PROFILES, QUIET, type Simulation, shop, simulate } from "../support/simulator/index.ts";
import { type Flow, flowsOf, tupleOf, tuplesOf } from "./read-flows.ts";

const DAY = simulate(shop(), { seed: 7, hours: 26 });

function namesOf(simulation: Simulation): string[] {
  return simulation.truth.edges.map(edgeName);
}

describe("the shop", () => {
  it("has every declared edge in a window of a day", () => {
    const names = namesOf(DAY);
    expect(names).toContain("ingress/ingress-nginx -> shop/frontend TCP 8080");
    expect(names).toContain("shop/payments -> 203.0.113.10 TCP 443");
    expect(names).toContain("shop/report -> shop/db TCP 5432");
    expect(names).toContain("shop/checkout -> kube-system/coredns UDP 53");
    expect(names.filter((name) => name.includes("kube-apiserver"))).toEqual([]);
    expect(names).toHaveLength(35);
  });

  it("keeps the attacker's probe out of the edges and in the denied", () => {
    expect(DAY.truth.denied.map(edgeName)).toEqual(["default/debug -> shop/db TCP 5432"]);
    expect(namesOf(DAY).filter((name) => name.startsWith("default/"))).toEqual([]);
  });

  it("shows the attacker's probe as forwarded on its own node, and never behind the server's policy", () => {
    const tried = new Set(DAY.connections.filter((one) => one.denied !== undefined).map(tupleOf));
    const records = flowsOf(DAY).filter((flow) => tuplesOf(flow).some((tuple) => tried.has(tuple)));
    const forwarded = records.filter((flow) => flow.verdict === "FORWARDED");
    const dropped = records.filter((flow) => flow.verdict === "DROPPED");
    expect(new Set(forwarded.map((flow) => flow.trace_observation_point))).toEqual(new Set(["TO_OVERLAY"]));
    expect(new Set(dropped.map((flow) => flow.event_type?.type))).toEqual(new Set([1, 5]));
    expect(new Set(forwarded.map((flow) => flow.node_name))).not.toContain(dropped[0]?.node_name);
    expect(dropped.every((flow) => flow.is_reply === undefined && flow.drop_reason_desc === "POLICY_DENIED")).toBe(
      true,
    );
  });

  it("has the operator's calls to kube-apiserver and the kubelet's probes as contacts of entities", () => {
    const why = new Set(DAY.truth.entities.map((contact) => contact.why));
    expect(why).toEqual(new Set(["kube-apiserver", "probe"]));
  });

  it("runs the nightly report once, from a pod of a job", () => {
    const pods = DAY.population.get("shop/report") ?? [];
    expect(pods).toHaveLength(1);
    expect(pods[0]?.name).toMatch(/^report-\d{8}-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(pods[0]?.runtimeLabels["job-name"]).toMatch(/^report-\d{8}$/);
  });

  it("gives the front end new pod names and addresses when it is rolled out", () => {
    const pods = DAY.population.get("shop/frontend") ?? [];
    const stems = new Set(pods.map((pod) => pod.name.replace(/-[a-z0-9]{5}$/, "")));
    expect(stems.size).toBe(2);
    expect(new Set(pods.map((pod) => pod.ip)).size).toBeGreaterThan(3);
  });
});

describe("truth and records", () => {
  for (const [name, profile] of Object.entries(PROFILES)) {
    it(`records every true connection and nothing of another edge: ${name}`, () => {
      const simulation = simulate(shop({ scale: 2 }), { seed: name, hours: 3, ...profile });
      // One edge's aggregated line stands for several connections, so there it is the edge that must be seen.
      const complete = profile.exporterAggregation === undefined;
      const recorded = new Set(flowsOf(simulation).flatMap(tuplesOf));
      const missing = simulation.connections.filter((one) => !recorded.has(tupleOf(one)));
      expect(complete ? missing : []).toEqual([]);
      expect(wrongArrivals(simulation)).toEqual([]);
    });
  }

  it("reports what a reader of trustworthy records alone finds, when nothing disturbs", () => {
    const simulation = simulate(shop(), { ...QUIET, seed: "plain", hours: 26, overlayReply: "known", version: "1.17" });
    const read = new Set(
      flowsOf(simulation)
        .filter((flow) => flow.is_reply === false && flow.verdict === "FORWARDED" && !isDenied(simulation, flow))
        .map((flow) => `${side(flow.source, flow.IP?.source)} -> ${side(flow.destination, flow.IP?.destination)}`),
    );
    const truth = simulation.truth.edges
      .filter((one) => one.client.kind === "workload" && one.server.kind === "workload")
      .map((one) => edgeName(one).replace(/ (TCP|UDP|SCTP) \d+$/, ""));
    expect(truth.filter((name) => !read.has(name))).toEqual([]);
    const workloads = [...read].filter((name) => !/reserved|\d+\.\d+\.\d+/.test(name));
    expect(workloads.filter((name) => !truth.includes(name))).toEqual([]);
  });
});

function side(endpoint: Flow["source"], ip: string | undefined): string {
  const label = endpoint?.labels?.find((one) => /^k8s:(app(\.kubernetes\.io\/name)?|k8s-app|run)=/.test(one));
  if (endpoint?.namespace === undefined || label === undefined) return ip ?? "";
  const name = label.slice(label.indexOf("=") + 1);
  return `${endpoint.namespace}/${name === "kube-dns" ? "coredns" : name}`;
}

function isDenied(simulation: Simulation, flow: Flow): boolean {
  const tried = simulation.connections.filter((one) => one.denied !== undefined).map(tupleOf);
  return tuplesOf(flow).some((tuple) => tried.includes(tuple));
}

/** Packets that reached a server's pod as requests although no planned connection is behind them. */
function wrongArrivals(simulation: Simulation): string[] {
  const { truth } = simulation;
  const servers = new Set(
    [...truth.edges, ...truth.entities].map(({ server, port }) =>
      server.kind === "workload" ? `${server.namespace}/${server.name}:${port}` : `:${port}`,
    ),
  );
  return flowsOf(simulation)
    .filter(
      (flow) =>
        flow.trace_observation_point === "TO_ENDPOINT" &&
        flow.is_reply === false &&
        simulation.profile.isReply === "right",
    )
    .filter((flow) => flow.l4?.ICMPv4 === undefined && !flow.destination?.labels?.includes("reserved:health"))
    .map(
      (flow) => `${side(flow.destination, flow.IP?.destination)}:${(flow.l4?.TCP ?? flow.l4?.UDP)?.destination_port}`,
    )
    .filter((server) => !servers.has(server));
}
