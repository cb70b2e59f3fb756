import { describe, expect, it } from "vitest";
import { DEFAULT_PROFILE, FIELD_MASKS, PROFILES, QUIET, shop, simulate } from "../support/simulator/index.ts";
import { goJson, timestamp } from "../support/simulator/record.ts";
import { flowsOf, tupleOf, tuplesOf } from "./read-flows.ts";

/** flow.proto's order of declaration, as protojson writes it. */
const ORDER =
  "time uuid verdict drop_reason ethernet IP l4 source destination Type node_name node_labels source_names destination_names l7 reply event_type source_service destination_service traffic_direction policy_match_type trace_observation_point trace_reason drop_reason_desc is_reply interface proxy_port sock_xlate_point socket_cookie cgroup_id Summary egress_allowed_by ingress_allowed_by aggregate".split(
    " ",
  );

describe("the lines", () => {
  it.each(Object.entries(PROFILES))("are JSON with the keys of a Flow in their order: %s", (_, profile) => {
    const { lines } = simulate(shop({ scale: 3 }), { seed: 1, hours: 2, ...profile });
    expect(lines.length).toBeGreaterThan(100);
    for (const line of lines) {
      expect(line).not.toMatch(/[<>&\n]/);
      const parsed = JSON.parse(line) as Record<string, object>;
      const flow = parsed["flow"] ?? (parsed["IP"] === undefined ? {} : parsed);
      const keys = Object.keys(flow);
      expect(keys).toEqual(ORDER.filter((key) => keys.includes(key)));
    }
  });

  it("wrap flows as the exporter does, and leave them bare when an old CLI wrote them", () => {
    const wrapped = simulate(shop(), { ...QUIET, seed: 1, hours: 1 }).lines[0] ?? "";
    expect(Object.keys(JSON.parse(wrapped) as object)).toEqual(["flow", "node_name", "time"]);
    const bare = simulate(shop(), { ...QUIET, seed: 1, hours: 1, shape: "bare" }).lines[0] ?? "";
    expect(Object.keys(JSON.parse(bare) as object)).toContain("IP");
  });

  it("escape HTML as Go does", () => {
    expect(goJson({ url: "a?b=1&c=<d>" })).toBe('{"url":"a?b=1\\u0026c=\\u003cd\\u003e"}');
  });

  it.each([
    [0, 0, "2026-03-04T06:00:00Z"],
    [250_000, 0, "2026-03-04T06:00:00.250Z"],
    [250_001, 0, "2026-03-04T06:00:00.250001Z"],
    [250_001, 7, "2026-03-04T06:00:00.250001007Z"],
  ])("have times with as many digits as they need: %i us and %i ns", (micros, nanos, expected) => {
    expect(timestamp(Date.parse("2026-03-04T06:00:00Z") * 1000 + micros, nanos)).toBe(expected);
  });

  it("know more of the node's own pods than of others", () => {
    const flows = flowsOf(simulate(shop(), { ...QUIET, seed: 3, hours: 6 }));
    const arrivals = flows.filter((flow) => flow.trace_observation_point === "TO_ENDPOINT");
    expect(arrivals.every((flow) => flow.destination?.ID !== undefined)).toBe(true);
    const remote = flows.map((flow) => flow.source).filter((source) => source?.ID === undefined);
    expect(remote.length).toBeGreaterThan(20);
    expect(remote.every((source) => source?.workloads === undefined)).toBe(true);
  });

  it("leave run-time labels out unless asked, job-name excepted", () => {
    const labelsOf = (volatileLabels: boolean): string =>
      simulate(shop(), { seed: 1, hours: 26, volatileLabels }).lines.join();
    const filtered = labelsOf(false);
    expect(filtered).not.toMatch(
      /pod-template-hash|controller-revision-hash|controller-uid|statefulset\.kubernetes\.io/,
    );
    expect(filtered).toContain("k8s:job-name=report-");
    expect(filtered).toContain("k8s:app.kubernetes.io/name=cart");
    expect(labelsOf(true)).toContain("k8s:pod-template-hash=");
  });

  it("differ by version in the fields that came later", () => {
    const textOf = (version: "1.10" | "1.17"): string => simulate(shop(), { seed: 1, hours: 2, version }).lines.join();
    expect(textOf("1.10")).not.toMatch(/"uuid"|"workloads"|"trace_reason"|"node_labels"|"cluster_name"/);
    expect(textOf("1.17")).toMatch(/"uuid".*"cluster_name".*"workloads".*"trace_reason"/s);
  });

  it("are the same for the same seed and others for another", () => {
    const lines = (seed: string): string => simulate(shop(), { seed, hours: 3, restarts: 4 }).lines.join("\n");
    expect(lines("a")).toBe(lines("a"));
    expect(lines("a")).not.toBe(lines("b"));
  });
});

describe("what disturbs", () => {
  it("drops come as twins within 49 microseconds, and again with each retransmission", () => {
    const { lines, connections } = simulate(shop(), { ...QUIET, seed: 5, hours: 6 });
    const drops = flowsOf({ lines }).filter((flow) => flow.verdict === "DROPPED");
    for (const attempt of connections.filter((one) => one.denied !== undefined)) {
      const own = drops.filter((flow) => tuplesOf(flow).includes(tupleOf(attempt)));
      expect(own.length).toBeGreaterThanOrEqual(4);
      expect(own.filter((flow) => flow.event_type?.type === 1)).toHaveLength(own.length / 2);
      for (let index = 0; index < own.length; index += 2) {
        const gap = microsOf(own[index + 1]?.time) - microsOf(own[index]?.time);
        expect(gap).toBeGreaterThanOrEqual(0);
        expect(gap).toBeLessThanOrEqual(50);
      }
    }
  });

  it("records of packets entering the tunnel do not say whether they are replies", () => {
    const flows = flowsOf(simulate(shop(), { seed: 1, hours: 2 })).filter(
      (flow) => flow.trace_observation_point === "TO_OVERLAY",
    );
    expect(flows.length).toBeGreaterThan(50);
    expect(flows.every((flow) => flow.is_reply === undefined && flow.traffic_direction === undefined)).toBe(true);
  });

  it("Retina says is_reply false even on SYN+ACK", () => {
    const flows = flowsOf(simulate(shop(), { seed: 1, hours: 2, ...PROFILES["retina"] }));
    const answers = flows.filter((flow) => flow.l4?.TCP?.flags?.["SYN"] === true && flow.l4.TCP.flags["ACK"] === true);
    expect(answers.length).toBeGreaterThan(10);
    expect(answers.every((flow) => flow.is_reply === false)).toBe(true);
  });

  it("kube-proxy leaves the Service's address and port on the client's node, named", () => {
    const flows = flowsOf(simulate(shop(), { seed: 1, hours: 6, services: "kube-proxy" }));
    const out = flows.filter((flow) => flow.destination_service?.name === "cart");
    expect(out.length).toBeGreaterThan(0);
    expect(out.every((flow) => flow.IP?.destination === "10.96.11.11" && flow.l4?.TCP?.destination_port === 80)).toBe(
      true,
    );
  });

  it("the proxy asks DNS in the pod's stead from the node's address, without is_reply", () => {
    const flows = flowsOf(simulate(shop(), { ...QUIET, seed: 1, hours: 6, proxy: "dns" }));
    const upstream = flows.filter(
      (flow) => flow.trace_observation_point === "TO_OVERLAY" && flow.source?.identity === 6,
    );
    expect(upstream.length).toBeGreaterThan(3);
    expect(upstream.every((flow) => flow.is_reply === undefined && flow.l4?.UDP?.destination_port === 53)).toBe(true);
    expect(flows.some((flow) => flow.l7?.dns?.query === "api.payment.example.")).toBe(true);
    expect(flows.some((flow) => flow.destination_names?.[0] === "api.payment.example")).toBe(true);
  });

  it("some layer 7 servers have a pod's name and the world's labels", () => {
    const flows = flowsOf(simulate(shop(), { seed: 1, hours: 26, proxy: "dns-and-http", mislabelled: 0.5 }));
    const wrong = flows.filter(
      (flow) => flow.destination?.pod_name !== undefined && flow.destination.labels?.[0] === "reserved:world",
    );
    expect(wrong.length).toBeGreaterThan(3);
    expect(new Set(wrong.map((flow) => flow.Type))).toEqual(new Set(["L7"]));
  });

  it("connections that are older than the window show no first packet", () => {
    const simulation = simulate(shop(), { ...QUIET, seed: 1, hours: 26 });
    const old = new Set(simulation.connections.filter((one) => one.life !== "short").map(tupleOf));
    const records = flowsOf(simulation).filter((flow) => tuplesOf(flow).some((tuple) => old.has(tuple)));
    expect(records.length).toBeGreaterThan(10);
    expect(records.some((flow) => flow.l4?.TCP?.flags?.["SYN"] === true)).toBe(false);
  });

  it("SOCK records come four a connect and have no source port", () => {
    const simulation = simulate(shop(), { ...QUIET, seed: 1, hours: 2, sockets: true });
    const sockets = flowsOf(simulation).filter((flow) => flow.Type === "SOCK");
    expect(sockets.length).toBeGreaterThan(20);
    expect(sockets.length % 4).toBe(0);
    expect(sockets.every((flow) => flow.l4?.TCP?.source_port === undefined && flow.is_reply === undefined)).toBe(true);
  });

  it("silent nodes send nothing and are named by the relay", () => {
    const { lines } = simulate(shop(), { seed: 1, hours: 4, silentNodes: 1 });
    expect(flowsOf({ lines }).filter((flow) => flow.node_name === "worker-3")).toEqual([]);
    expect(lines.join()).toContain('"NODE_UNAVAILABLE","node_names":["worker-3"]');
  });

  it("a field mask keeps what it names and nothing else", () => {
    const flows = flowsOf(simulate(shop(), { ...QUIET, seed: 1, hours: 2, fieldMask: FIELD_MASKS.labelless }));
    expect(flows.every((flow) => flow.source?.labels === undefined && flow.node_name !== undefined)).toBe(true);
    expect(flows.some((flow) => flow.source?.pod_name !== undefined)).toBe(true);
  });

  it("aggregation by the exporter loses lines and no events", () => {
    const plain = { ...QUIET, seed: 1, hours: 3 };
    const all = flowsOf(simulate(shop({ scale: 4 }), plain));
    const merged = flowsOf(simulate(shop({ scale: 4 }), { ...plain, exporterAggregation: 600 }));
    const counted = merged
      .flatMap((flow) => Object.values(flow.aggregate ?? {}))
      .reduce((sum, count) => sum + count, 0);
    expect(merged.length).toBeLessThan(all.length);
    expect(counted).toBe(all.length);
  });

  it("lines are out of order by no more than the jitter", () => {
    const times = flowsOf(simulate(shop(), { seed: 1, hours: 6, redelivered: 0 })).map((flow) => microsOf(flow.time));
    const late = times.map((time, index) => Math.max(...times.slice(Math.max(0, index - 50), index), time) - time);
    expect(Math.max(...late)).toBeGreaterThan(0);
    expect(Math.max(...late)).toBeLessThanOrEqual(DEFAULT_PROFILE.jitter);
  });
});

/** Microseconds since the epoch: what Date leaves off is added from the text. */
function microsOf(time: string | undefined): number {
  const text = time ?? "";
  const fraction = (/\.(\d+)Z$/.exec(text)?.[1] ?? "").padEnd(6, "0");
  return Date.parse(`${text.slice(0, 19)}Z`) * 1000 + Number(fraction.slice(0, 6));
}
