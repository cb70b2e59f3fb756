import { describe, expect, it } from "vitest";
import { EndpointTable } from "../../../../src/collectors/formats/hubble/endpoint.ts";
import { recogniseHubble } from "../../../../src/collectors/formats/hubble/event.ts";
import { decodeFlow } from "../../../../src/collectors/formats/hubble/flow.ts";
import type { FlowRecord } from "../../../../src/model/flow.ts";
import { CART, flow, type Json, REDIS } from "../../support/flows.ts";

function decode(changes: Json, wrapper: Json = {}): FlowRecord {
  const { record, fault } = decodeFlow(JSON.parse(JSON.stringify(flow(changes))), wrapper, new EndpointTable());
  if (record === undefined) {
    throw new Error(fault);
  }
  return record;
}

function faultOf(changes: Json): string | undefined {
  return decodeFlow(JSON.parse(JSON.stringify(flow(changes))), {}, new EndpointTable()).fault;
}

describe("a flow of Hubble's", () => {
  it("becomes a record with everything learning needs", () => {
    expect(decode({})).toEqual({
      time: Date.parse("2026-03-10T10:40:56.465Z"),
      verdict: "FORWARDED",
      event: "trace",
      dropReason: undefined,
      observationPoint: "TO_OVERLAY",
      isReply: false,
      traceReason: "new",
      direction: "egress",
      protocol: "TCP",
      tcpFlags: 2,
      icmpType: undefined,
      sourceIp: "10.244.0.177",
      destinationIp: "10.244.0.110",
      sourcePort: 35128,
      destinationPort: 6379,
      source: {
        cluster: undefined,
        namespace: "shop",
        podName: "cart-6b746f74dc-9rcxx",
        labels: ["k8s:app=cart", "k8s:io.kubernetes.pod.namespace=shop"],
        workload: { kind: "Deployment", name: "cart" },
        local: true,
      },
      destination: {
        cluster: "east",
        namespace: "shop",
        podName: "redis-0",
        labels: ["k8s:app=redis", "k8s:io.kubernetes.pod.namespace=shop"],
        workload: undefined,
        local: false,
      },
      sourceService: undefined,
      destinationService: undefined,
      sourceNames: [],
      destinationNames: [],
      layer7: undefined,
      node: "east/node-1",
      weight: 1,
    });
  });

  it("keeps the three values of is_reply apart, and believes the deprecated reply only when true", () => {
    expect(decode({ is_reply: true }).isReply).toBe(true);
    expect(decode({ is_reply: false }).isReply).toBe(false);
    expect(decode({ is_reply: undefined }).isReply).toBeUndefined();
    expect(decode({ is_reply: null }).isReply).toBeUndefined();
    expect(decode({ is_reply: undefined, reply: true }).isReply).toBe(true);
    expect(decode({ is_reply: undefined, reply: false }).isReply).toBeUndefined();
    expect(decode({ is_reply: false, reply: true }).isReply).toBe(false);
  });

  it.each([
    ["FORWARDED", "FORWARDED"],
    [1, "FORWARDED"],
    [2, "DROPPED"],
    [3, "ERROR"],
    [4, "AUDIT"],
    [5, "REDIRECTED"],
    [6, "TRACED"],
    [7, "TRANSLATED"],
    [99, "UNKNOWN"],
    ["VERDICT_UNKNOWN", "UNKNOWN"],
    ["SOMETHING_NEW", "UNKNOWN"],
    [undefined, "UNKNOWN"],
  ])("reads verdict %s as %s", (verdict, expected) => {
    expect(decode({ verdict }).verdict).toBe(expected);
  });

  it.each([
    [{ drop_reason_desc: "POLICY_DENY" }, "POLICY_DENY"],
    [{ drop_reason: 133 }, "POLICY_DENIED"],
    [{ drop_reason: 181 }, "POLICY_DENY"],
    [{ drop_reason: 189 }, "AUTH_REQUIRED"],
    [{ drop_reason: 130 }, "INVALID_SOURCE_MAC"],
    [{ drop_reason: 160 }, "NO_TUNNEL_OR_ENCAPSULATION_ENDPOINT"],
    [{ drop_reason: 200 }, "IGMP_SUBSCRIBED"],
    [{ drop_reason: 206 }, "DROP_NO_DEVICE"],
    [{ drop_reason: 255 }, "DROP_REASON_255"],
    [{ drop_reason_desc: 189 }, "AUTH_REQUIRED"],
    [{ drop_reason: 133, drop_reason_desc: "AUTH_REQUIRED" }, "AUTH_REQUIRED"],
    [{ drop_reason: 0 }, undefined],
    [{ drop_reason_desc: "DROP_REASON_UNKNOWN" }, undefined],
  ])("names the drop reason of %o", (changes, expected) => {
    expect(decode(changes).dropReason).toBe(expected);
  });

  it.each([
    [{ type: 1 }, "drop"],
    [{ type: 3 }, "debug-capture"],
    [{ type: 4 }, "trace"],
    [{ type: 5 }, "policy-verdict"],
    [{ type: 7 }, "socket"],
    [{ type: 129 }, "l7"],
    [{ type: 222 }, "unknown"],
  ])("knows the event type %o", (event_type, expected) => {
    expect(decode({ event_type }).event).toBe(expected);
  });

  it.each([
    [{ l7: { type: "REQUEST" } }, "l7"],
    [{ drop_reason_desc: "POLICY_DENIED" }, "drop"],
    [{ drop_reason: 133 }, "drop"],
    [{}, "trace"],
    [{ trace_observation_point: undefined }, "unknown"],
    [{ Type: "SOCK" }, "socket"],
    [{ Type: 3 }, "socket"],
  ])("derives the event of %o when a field mask took event_type away", (changes, expected) => {
    expect(decode({ event_type: undefined, ...changes }).event).toBe(expected);
  });

  it("reads enums by number where the writer did not know the value's name", () => {
    const record = decode({ trace_observation_point: 101, traffic_direction: 1, trace_reason: 3, Type: 1 });
    expect(record).toMatchObject({ observationPoint: "TO_ENDPOINT", direction: "ingress", traceReason: "reply" });
    expect(decode({ trace_observation_point: 77, traffic_direction: 9, trace_reason: 42 })).toMatchObject({
      observationPoint: "TRACE_POINT_77",
      direction: undefined,
      traceReason: "unknown",
    });
  });

  it.each([
    [1, "reserved:host"],
    [2, "reserved:world"],
    [6, "reserved:remote-node"],
    [7, "reserved:kube-apiserver"],
    [8, "reserved:ingress"],
    [10, "reserved:world-ipv6"],
  ])("of which a field mask left no labels is known by its reserved identity %i", (identity, label) => {
    expect(decode({ source: { identity } }).source.labels).toEqual([label]);
    expect(decode({ source: { identity, labels: [] } }).source.labels).toEqual([label]);
  });

  it("of a pod gets no labels from its identity, and written ones stand before it", () => {
    expect(decode({ source: { identity: 11_615, pod_name: "a", namespace: "n" } }).source.labels).toEqual([]);
    expect(decode({ source: { identity: 16_777_217, namespace: "n" } }).source.labels).toEqual([]);
    expect(decode({ source: { identity: 1, labels: ["k8s:app=a"] } }).source.labels).toEqual(["k8s:app=a"]);
    expect(decode({ source: { identity: 0 } }).source.labels).toEqual([]);
  });

  it("takes camelCase names of other protojson writers", () => {
    const camel = {
      time: "2026-03-10T10:40:56Z",
      verdict: "DROPPED",
      IP: { source: "10.0.0.1", destination: "10.0.0.2" },
      l4: { TCP: { sourcePort: 1, destinationPort: 2, flags: { SYN: true, ACK: true } } },
      source: { podName: "a", clusterName: "east", namespace: "n" },
      eventType: { type: 1 },
      nodeName: "node-9",
      isReply: true,
      dropReasonDesc: "POLICY_DENIED",
      trafficDirection: "INGRESS",
      traceObservationPoint: "TO_STACK",
      destinationNames: ["x"],
      destinationService: { name: "s", namespace: "n" },
    };
    expect(decodeFlow(camel, {}, new EndpointTable()).record).toMatchObject({
      event: "drop",
      node: "node-9",
      isReply: true,
      dropReason: "POLICY_DENIED",
      direction: "ingress",
      observationPoint: "TO_STACK",
      sourcePort: 1,
      destinationPort: 2,
      tcpFlags: 18,
      source: { podName: "a", cluster: "east" },
      destinationNames: ["x"],
      destinationService: "n/s",
    });
  });

  it.each([
    ["TCP", { TCP: { source_port: 1, destination_port: 2 } }, { protocol: "TCP", sourcePort: 1, tcpFlags: undefined }],
    ["TCP flags all false", { TCP: { flags: {} } }, { protocol: "TCP", tcpFlags: 0, sourcePort: undefined }],
    ["UDP", { UDP: { destination_port: 53 } }, { protocol: "UDP", destinationPort: 53, sourcePort: undefined }],
    ["SCTP", { SCTP: { source_port: 0, destination_port: "132" } }, { protocol: "SCTP", destinationPort: 132 }],
    ["ICMPv4 echo reply, whose type 0 is left out", { ICMPv4: {} }, { protocol: "ICMPv4", icmpType: 0 }],
    ["ICMPv6", { ICMPv6: { type: 135 } }, { protocol: "ICMPv6", icmpType: 135 }],
    ["VRRP", { VRRP: { vrid: 1 } }, { protocol: "other", icmpType: undefined }],
    ["none", undefined, { protocol: "other", sourcePort: undefined }],
  ])("reads layer 4: %s", (_, l4, expected) => {
    expect(decode({ l4 })).toMatchObject(expected);
  });

  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["FD00:0:0::00A1", "fd00::a1"],
    ["fe80::1%eth0", "fe80::1"],
    ["", undefined],
  ])("writes the address %s as %s", (source, expected) => {
    expect(decode({ IP: { source, destination: "10.0.0.9" } }).sourceIp).toBe(expected);
  });

  it.each([
    ["an address that is none", { IP: { source: "10.0.0.256" } }],
    ["an octal address", { IP: { source: "010.0.0.1" } }],
    ["a short address", { IP: { source: "10.1" } }],
    ["an address of another type", { IP: { source: 7 } }],
    ["a port above 65535", { l4: { TCP: { destination_port: 65536 } } }],
    ["a fractional port", { l4: { TCP: { destination_port: 80.5 } } }],
    ["a negative port", { l4: { TCP: { source_port: -1 } } }],
    ["a port in words", { l4: { UDP: { source_port: "http" } } }],
    ["a port beyond every number", { l4: { UDP: { source_port: 1e300 } } }],
    ["labels that are no list", { source: { labels: "k8s:app=a" } }],
    ["a label that is no string", { source: { labels: [1] } }],
    ["a namespace that is no string", { source: { namespace: {} } }],
    ["an endpoint that is no object", { source: "cart" }],
    ["a verdict that is an object", { verdict: {} }],
    ["is_reply in words", { is_reply: "maybe" }],
  ])("is refused with %s, saying where and what", (_, changes) => {
    const field = JSON.stringify(changes).match(/"([a-zA-Z_]+)":(?!\{"[a-zA-Z])/)?.[1] ?? "?";
    expect(faultOf(changes)).toMatch(new RegExp(`${field}.* is .+, not an? `));
  });

  it("adds up the exporter's aggregation counters, 64-bit ones as text included", () => {
    const aggregate = { ingress_flow_count: 3, egress_flow_count: "4", unknown_direction_flow_count: 0 };
    expect(decode({ aggregate }).weight).toBe(7);
    expect(decode({ aggregate: {} }).weight).toBe(1);
  });

  it("falls back to the wrapper's time and node where a field mask took the flow's own", () => {
    const record = decode({ time: undefined, node_name: undefined }, { time: "2026-01-01T00:00:00Z", node_name: "n1" });
    expect(record).toMatchObject({ time: Date.parse("2026-01-01T00:00:00Z"), node: "n1" });
  });

  it.each([
    ["2026-03-10T10:40:56Z", "2026-03-10T10:40:56.000Z"],
    ["2026-03-10T10:40:56.1Z", "2026-03-10T10:40:56.100Z"],
    ["2026-03-10T10:40:56.999999999Z", "2026-03-10T10:40:56.999Z"],
    ["2026-03-10T10:40:56.5+02:00", "2026-03-10T08:40:56.500Z"],
    ["2026-03-10T10:40:56-09:30", "2026-03-10T20:10:56.000Z"],
    ["2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000Z"],
  ])("reads the time %s", (time, expected) => {
    expect(decode({ time }).time).toBe(Date.parse(expected));
  });

  it.each([
    ["yesterday"],
    ["2026-02-30T00:00:00Z"],
    ["2026-01-01"],
    ["2026-01-01T25:00:00Z"],
    ["99999-01-01T00:00:00Z"],
    [17],
  ])("leaves the time open when it is %s", (time) => {
    expect(decode({ time }).time).toBeUndefined();
  });

  it("reads a time in seconds and nanoseconds", () => {
    expect(decode({ time: { seconds: "1773139256", nanos: 465_597_700 } }).time).toBe(1_773_139_256_465);
  });

  it("reads DNS answers, and other layer 7 records without them", () => {
    const dns = { query: "a.b.", ips: ["10.0.0.2", "10.0.0.1", "::FFFF:10.0.0.3"] };
    expect(decode({ l7: { type: "RESPONSE", dns } }).layer7).toEqual({
      type: "response",
      dns: { query: "a.b.", ips: ["10.0.0.1", "10.0.0.2", "10.0.0.3"] },
    });
    expect(decode({ l7: { type: 1, http: { method: "GET", url: "/" } } }).layer7).toEqual({
      type: "request",
      dns: undefined,
    });
    expect(decode({ l7: { latency_ns: "12" } }).layer7).toBeUndefined();
  });

  it("takes labels as a map, as hubble-otel can write them", () => {
    const labels = { "k8s:b": "2", "k8s:a": "1", "reserved:host": "" };
    expect(decode({ source: { labels } }).source.labels).toEqual(["k8s:a=1", "k8s:b=2", "reserved:host"]);
  });

  it("keeps hostile keys as plain data", () => {
    const hostile =
      '{"source":{"labels":{"__proto__":"x","constructor":"y"}},"__proto__":{"verdict":"FORWARDED"},"IP":{"source":"1.2.3.4"}}';
    const { record } = decodeFlow(JSON.parse(hostile), {}, new EndpointTable());
    expect(record?.source.labels).toEqual(["__proto__=x", "constructor=y"]);
    expect(record?.verdict).toBe("UNKNOWN");
    expect(Object.prototype).not.toHaveProperty("verdict");
  });

  it("replaces lone surrogates, which no encoder could write again", () => {
    expect(decode({ source: { namespace: "a\ud800b", labels: ["k8s:x=\udfff"] } }).source).toMatchObject({
      namespace: "a\ufffdb",
      labels: ["k8s:x=\ufffd"],
    });
  });

  it("gives endpoints of equal content the same object, whatever the order of their labels", () => {
    const table = new EndpointTable();
    const first = decodeFlow(flow({}), {}, table).record;
    const turned = { ...CART, labels: CART.labels.toReversed(), some_new_field: 1 };
    const second = decodeFlow(flow({ source: REDIS, destination: turned }), {}, table).record;
    expect(second?.destination).toBe(first?.source);
    expect(second?.source).toBe(first?.destination);
  });
});

describe("the shapes of Hubble's objects", () => {
  it.each([
    ["a wrapped flow", { flow: flow(), node_name: "n" }, "flow"],
    ["a gateway's result", { result: { flow: flow(), node_name: "n" } }, "flow"],
    ["a bare flow", flow(), "flow"],
    ["a bare flow that a field mask left little of", { IP: { source: "1.2.3.4" }, source: {} }, "flow"],
    ["lost events", { lost_events: { num_events_lost: "3" } }, "lost_events"],
    ["a node status", { node_status: { state_change: "NODE_GONE" } }, "node_status"],
    ["an agent event", { agent_event: { type: "POLICY_UPDATED" } }, "agent_event"],
    ["a debug event", { debug_event: { type: "DBG_CT_MATCH" } }, "debug_event"],
    ["a flow of something else", { flow: { bytes: 12 } }, undefined],
    ["a log line", { level: "info", msg: "started", source: "main.go" }, undefined],
    ["an address record of another tool", { SrcAddr: "10.0.0.1", DstAddr: "10.0.0.2", Proto: 6 }, undefined],
  ])("%s", (_, object, expected) => {
    expect(recogniseHubble(object)?.kind).toBe(expected);
  });
});
