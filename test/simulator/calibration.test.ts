import { describe, expect, it } from "vitest";
import { PROFILES, QUIET, type Simulation, shop, simulate } from "../support/simulator/index.ts";
import { type Flow, flowsOf, tupleOf, tuplesOf } from "./read-flows.ts";

// The figures of real captures that the bounds are set around stand in each test.

const DEFAULT = simulate(shop({ scale: 2 }), { seed: "calibration", hours: 26 });
const PROXIED = simulate(shop({ scale: 2 }), {
  ...PROFILES["cilium 1.10, DNS and HTTP proxied"],
  seed: "calibration",
  hours: 26,
});

function share(flows: readonly Flow[], is: (flow: Flow) => boolean): number {
  return flows.filter(is).length / flows.length;
}

function recordsPerConnection(simulation: Simulation): number[] {
  const counts = new Map(simulation.connections.map((one) => [tupleOf(one), 0]));
  for (const flow of flowsOf(simulation)) {
    for (const tuple of tuplesOf(flow)) if (counts.has(tuple)) counts.set(tuple, (counts.get(tuple) ?? 0) + 1);
  }
  return [...counts.values()];
}

describe("calibration", () => {
  it("writes 2 to 10 records a connection, 4 to 5 on average (real: 2 to 10)", () => {
    const counts = recordsPerConnection(
      simulate(shop({ scale: 2 }), { ...QUIET, seed: 1, hours: 26, policies: "absent" }),
    );
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(mean).toBeGreaterThan(2.5);
    expect(mean).toBeLessThan(5.5);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...counts)).toBeLessThanOrEqual(16);
  });

  it("writes up to 14 records for a refused connection, 6.6 on average", () => {
    const counts: number[] = [];
    for (let seed = 0; seed < 20; seed += 1) {
      const simulation = simulate(shop({ scale: 0.1 }), { ...QUIET, seed, hours: 2 });
      const dropped = flowsOf(simulation).filter((flow) => flow.verdict === "DROPPED");
      for (const one of simulation.connections.filter((other) => other.denied !== undefined)) {
        counts.push(dropped.filter((flow) => tuplesOf(flow).includes(tupleOf(one))).length);
      }
    }
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(mean).toBeGreaterThan(5);
    expect(mean).toBeLessThan(8.5);
    expect(Math.max(...counts)).toBeLessThanOrEqual(14);
  });

  it("repeats 3.5 % of lines (real: 67 of 1,916)", () => {
    const repeated = 1 - new Set(DEFAULT.lines).size / DEFAULT.lines.length;
    expect(repeated).toBeGreaterThan(0.02);
    expect(repeated).toBeLessThan(0.05);
  });

  it("has labels without a pod's name on 4 % of the remote sides (real: 84 of 1,916)", () => {
    const sides = flowsOf(DEFAULT)
      .flatMap((flow) => [flow.source, flow.destination])
      .filter((side) => side?.ID === undefined && side?.labels?.some((label) => label.startsWith("k8s:")));
    const nameless = sides.filter((side) => side?.pod_name === undefined).length / sides.length;
    expect(nameless).toBeGreaterThan(0.02);
    expect(nameless).toBeLessThan(0.07);
  });

  it("gives 12 % of layer 7 HTTP servers the world's labels (real: 217 of 1,782 sides)", () => {
    const servers = flowsOf(PROXIED)
      .filter((flow) => flow.l7?.http !== undefined)
      .map((flow) => (flow.is_reply === true ? flow.source : flow.destination));
    const wrong = servers.filter((server) => server?.labels?.[0] === "reserved:world").length / servers.length;
    expect(servers.length).toBeGreaterThan(50);
    expect(wrong).toBeGreaterThan(0.04);
    expect(wrong).toBeLessThan(0.25);
  });

  it("leaves is_reply out only where packets enter the tunnel and where they are dropped", () => {
    const silent = flowsOf(DEFAULT).filter((flow) => flow.is_reply === undefined);
    expect(new Set(silent.map((flow) => flow.trace_observation_point ?? flow.verdict))).toEqual(
      new Set(["TO_OVERLAY", "DROPPED"]),
    );
  });

  it("has verdicts of policies only where policies are (real: 0 of 257 without any)", () => {
    const none = flowsOf(simulate(shop(), { seed: 1, hours: 26, policies: "absent" }));
    expect(share(none, (flow) => flow.event_type?.type === 5)).toBe(0);
    expect(share(flowsOf(DEFAULT), (flow) => flow.event_type?.type === 5)).toBeGreaterThan(0.005);
  });
});
