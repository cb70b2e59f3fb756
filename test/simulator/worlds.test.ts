import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  edgeName,
  PROFILES,
  randomWorld,
  type Simulation,
  shop,
  simPeerName,
  simulate,
} from "../support/simulator/index.ts";
import { flowsOf, tupleOf, tuplesOf } from "./read-flows.ts";

const SEED = fc.integer({ min: 0, max: 1_000_000 });
const SIZE = fc.integer({ min: 2, max: 40 });

describe("made-up worlds", () => {
  it("have no two workloads of one name or of the same labels in a namespace", () => {
    fc.assert(
      fc.property(SEED, SIZE, (seed, size) => {
        const { workloads } = randomWorld(seed, size);
        const names = workloads.map((one) => `${one.namespace}/${one.name}`);
        const labels = workloads.map(
          (one) => `${one.namespace} ${Object.entries(one.labels).map(String).toSorted().join(";")}`,
        );
        expect(new Set(names).size).toBe(names.length);
        expect(new Set(labels).size).toBe(labels.length);
      }),
      { numRuns: 50 },
    );
  });

  it("deny only what no edge allows", () => {
    fc.assert(
      fc.property(SEED, SIZE, (seed, size) => {
        const { truth } = simulate(randomWorld(seed, size), { seed, hours: 2 });
        const allowed = new Set(truth.edges.map(edgeName));
        expect(truth.denied.filter((one) => allowed.has(edgeName(one)))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it("show every declared edge in the truth, unless its client cannot be another pod than its server", () => {
    fc.assert(
      fc.property(SEED, SIZE, (seed, size) => {
        const world = randomWorld(seed, size);
        const { truth } = simulate(world, { seed, hours: 2 });
        const seen = new Set([...truth.edges, ...truth.entities].map((one) => bare(edgeName(one))));
        const declared = world.edges.filter((one) => simPeerName(one.client) !== simPeerName(one.server)).map(edgeName);
        expect(declared.filter((name) => !seen.has(name))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it("leave a record of every true connection, whatever the profile", () => {
    fc.assert(
      fc.property(SEED, fc.constantFrom(...Object.entries(PROFILES)), (seed, [, profile]) => {
        const simulation = simulate(randomWorld(seed, 20), { seed, hours: 2, ...profile });
        const recorded = new Set(flowsOf(simulation).flatMap(tuplesOf));
        // Replies on the client's own node carry the Service's address when kube-proxy is at work.
        const hidden = profile.services === "kube-proxy";
        const shown = simulation.connections.filter((one) => !hidden || one.life === "short");
        const missing = shown.filter((one) => !recorded.has(tupleOf(one)));
        expect(profile.exporterAggregation === undefined ? missing : []).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

describe("pods", () => {
  it("never share an address at one time, reused or not", () => {
    fc.assert(
      fc.property(SEED, fc.boolean(), (seed, reuseIps) => {
        const { population } = simulate(randomWorld(seed, 20), { seed, hours: 4, restarts: 20, reuseIps });
        const pods = [...population.values()].flat();
        for (const one of pods) {
          const others = pods.filter((other) => other !== one && other.ip === one.ip);
          expect(others.filter((other) => other.from < one.until && one.from < other.until)).toEqual([]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it("get addresses of dead pods when asked to reuse them", () => {
    const { population } = simulate(shop(), { seed: 1, hours: 4, restarts: 20, reuseIps: true });
    const owners = Map.groupBy([...population.values()].flat(), (one) => one.ip);
    const shared = [...owners.values()].filter((pods) => new Set(pods.map((one) => one.workload.name)).size > 1);
    expect(shared.length).toBeGreaterThan(0);
  });

  it("keep their name in a StatefulSet and get a new one in a Deployment when restarted", () => {
    const { population } = simulate(shop(), { seed: 1, hours: 4, restarts: 40 });
    const names = (key: string): Set<string> => new Set(population.get(key)?.map((pod) => pod.name));
    expect(names("shop/redis")).toEqual(new Set(["redis-0"]));
    expect(population.get("shop/redis")?.length).toBeGreaterThan(1);
    expect(names("shop/cart").size).toBeGreaterThan(2);
  });
});

describe("what a truth says of an edge", () => {
  it("tells whether a connection began in the window", () => {
    const { truth } = simulate(shop(), { seed: 1, hours: 26 });
    const old = truth.edges.filter((one) => !one.begun).map(edgeName);
    expect(old).toEqual(["shop/checkout -> shop/db TCP 5432"]);
  });

  it("tells whether any node could report it", () => {
    const unheard = (silentNodes: number): string[] =>
      simulate(shop(), { seed: 1, hours: 26, silentNodes })
        .truth.edges.filter((one) => !one.heard)
        .map(edgeName);
    expect(unheard(0)).toEqual([]);
    expect(unheard(3)).toHaveLength(35);
  });
});

describe("clusters of other kinds", () => {
  const serversOf = (simulation: Simulation): Set<string> =>
    new Set(
      simulation.truth.edges
        .filter((one) => one.protocol === "UDP")
        .map((one) => `${simPeerName(one.server)}:${one.port}`),
    );

  it("is CoreDNS by default, on 5353 as OpenShift has it when asked", () => {
    expect(serversOf(simulate(shop(), { seed: 1 }))).toEqual(new Set(["kube-system/coredns:53"]));
    expect(serversOf(simulate(shop({ dnsPort: 5353 }), { seed: 1 }))).toEqual(new Set(["kube-system/coredns:5353"]));
  });

  it("is the cache on the node, and the cache asks CoreDNS over TCP", () => {
    const host = simulate(shop({ nodeLocal: "host" }), { seed: 1 });
    expect(serversOf(host)).toEqual(new Set(["169.254.20.10:53"]));
    expect(host.truth.entities.some((one) => one.why === "node-local-dns" && one.protocol === "TCP")).toBe(true);
    const pods = simulate(shop({ nodeLocal: "pods" }), { seed: 1 });
    expect(serversOf(pods)).toEqual(new Set(["kube-system/node-local-dns:53"]));
    expect(pods.truth.edges.map(edgeName)).toContain("kube-system/node-local-dns -> kube-system/coredns TCP 53");
  });

  it("has pods of another cluster at one end when clusters are meshed, and only this cluster's records", () => {
    const simulation = simulate(shop({ mesh: true }), { seed: 1, hours: 3, version: "1.17" });
    const meshed = simulation.truth.entities.filter((one) => one.why === "other-cluster");
    expect(meshed.map((one) => edgeName(one))).toEqual([
      "other-cluster(10.245.1.7) -> shop/catalog TCP 8080",
      "shop/checkout -> other-cluster(10.245.1.7) TCP 8080",
    ]);
    const nodes = new Set(flowsOf(simulation).map((flow) => flow.node_name));
    expect([...nodes].filter((node) => node?.includes("west"))).toEqual([]);
  });

  it("works with IPv6 as well", () => {
    const simulation = simulate(shop({ family: "IPv6" }), { seed: 1, hours: 3 });
    const recorded = new Set(flowsOf(simulation).flatMap(tuplesOf));
    expect(simulation.connections.filter((one) => !recorded.has(tupleOf(one)))).toEqual([]);
    expect(simulation.lines.join()).toContain('"ipVersion":"IPv6"');
  });
});

/** The address that a record of an entity shows is not part of what a world declares. */
function bare(name: string): string {
  return name.replaceAll(/\([^)]*\)/g, "");
}
