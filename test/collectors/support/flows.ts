/** Flows as Hubble's exporter writes them (protojson with proto names), made up for the tests. */
export type Json = Record<string, unknown>;

export const CART = {
  ID: 881,
  identity: 3418,
  namespace: "shop",
  labels: ["k8s:app=cart", "k8s:io.kubernetes.pod.namespace=shop"],
  pod_name: "cart-6b746f74dc-9rcxx",
  workloads: [{ name: "cart", kind: "Deployment" }],
};

export const REDIS = {
  identity: 11615,
  cluster_name: "east",
  namespace: "shop",
  labels: ["k8s:io.kubernetes.pod.namespace=shop", "k8s:app=redis"],
  pod_name: "redis-0",
};

/** A traced TCP packet from cart to redis; `changes` replaces members, undefined takes them out. */
export function flow(changes: Json = {}): Json {
  return {
    time: "2026-03-10T10:40:56.465597700Z",
    uuid: "5c4f1a2e-0d0a-4e6b-9f52-0f0e6f6f0a01",
    verdict: "FORWARDED",
    ethernet: { source: "d2:d9:76:de:f4:90", destination: "6e:3c:ce:d3:9e:a6" },
    IP: { source: "10.244.0.177", destination: "10.244.0.110", ipVersion: "IPv4" },
    l4: { TCP: { source_port: 35128, destination_port: 6379, flags: { SYN: true } } },
    source: CART,
    destination: REDIS,
    Type: "L3_L4",
    node_name: "east/node-1",
    event_type: { type: 4, sub_type: 4 },
    traffic_direction: "EGRESS",
    trace_observation_point: "TO_OVERLAY",
    trace_reason: "NEW",
    is_reply: false,
    Summary: "TCP Flags: SYN",
    ...changes,
  };
}

/** The exporter's line around a flow. */
export function wrapped(changes: Json = {}): Json {
  const inner = flow(changes);
  return { flow: inner, node_name: inner["node_name"], time: inner["time"] };
}

/** `count` flows of different kinds, as exporter objects. */
export function variedFlows(count: number): Json[] {
  const kinds: Json[] = [
    {},
    { is_reply: true, IP: { source: "10.244.0.110", destination: "10.244.0.177" }, source: REDIS, destination: CART },
    {
      l4: { UDP: { source_port: 40000, destination_port: 53 } },
      Type: "L7",
      event_type: { type: 129 },
      l7: { type: "RESPONSE", dns: { query: "redis.shop.", ips: ["10.1.2.4", "10.1.2.3"], rcode: 0, qtypes: ["A"] } },
    },
    {
      verdict: "DROPPED",
      drop_reason: 133,
      drop_reason_desc: "POLICY_DENIED",
      event_type: { type: 1, sub_type: 133 },
      is_reply: undefined,
      trace_observation_point: undefined,
    },
    {
      l4: { ICMPv4: { type: 8 } },
      destination: { identity: 2, labels: ["reserved:world"] },
      destination_names: ["example.com", "api.example.com"],
    },
    {
      IP: { source: "fd00::0:1", destination: "::ffff:10.0.0.1" },
      destination_service: { name: "redis", namespace: "shop" },
    },
  ];
  return Array.from({ length: count }, (_, index) =>
    wrapped({ ...kinds[index % kinds.length], time: `2026-03-10T10:${String(10 + (index % 50))}:00.5Z` }),
  );
}

/** Objects as JSON lines. */
export function jsonLines(objects: readonly unknown[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join("");
}
