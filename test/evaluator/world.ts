import type { ContainerPort, NetworkWorld, WorldPod } from "../../src/evaluator/network/world.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import type { PolicyProtocol } from "../../src/model/flow.ts";
import type { Edge, Labels, Workload } from "../../src/model/graph.ts";
import type { NetworkPolicy, NetworkPolicySpec } from "../../src/model/manifest.ts";
import type { EntityName, Peer } from "../../src/model/peer.ts";

/** `shop/cart` with the spec. */
export function policy(id: string, spec: NetworkPolicySpec): NetworkPolicy {
  const [namespace = "", name = ""] = id.split("/");
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, spec };
}

/** A pod with the label `app: <name>` unless told otherwise. */
export function pod(id: string, ip: string, more: Partial<WorldPod> = {}): WorldPod {
  const [namespace = "", name = ""] = id.split("/");
  return { namespace, name, labels: { app: name }, ips: [ip], hostNetwork: false, ports: [], ...more };
}

/** The shop: frontend, cart and payments in one namespace, a scraper in another. */
export const SHOP_PODS: readonly WorldPod[] = [
  pod("shop/frontend", "10.1.0.1", { node: "n1" }),
  pod("shop/cart", "10.1.0.2", { node: "n1", ports: [named("http", 8080), named("metrics", 9090)] }),
  pod("shop/payments", "10.1.0.3", { node: "n2", ports: [named("http", 7070)] }),
  pod("monitoring/scraper", "10.2.0.1", { node: "n2" }),
];

export function named(name: string, port: number, protocol: PolicyProtocol = "TCP"): ContainerPort {
  return { name, port, protocol };
}

export function shop(policies: readonly NetworkPolicy[], more: Partial<NetworkWorld> = {}): NetworkWorld {
  const namespaces = [
    { name: "shop", labels: { tier: "front" } },
    { name: "monitoring", labels: { tier: "back" } },
  ];
  return { namespaces, pods: SHOP_PODS, policies, ...more };
}

export const EVIDENCE: Evidence = {
  connections: 1,
  exact: true,
  firstSeen: 0,
  lastSeen: 0,
  hours: [0],
  kinds: ["trace"],
  passed: true,
  audited: false,
  samples: [],
};

export function workload(key: string, labels: Labels = { app: key.split("/")[1] ?? "" }): Workload {
  const [namespace = "", name = ""] = key.split("/");
  return { key, cluster: undefined, namespace, name, kind: "Deployment", labels, serviceAccount: undefined };
}

/** A workload's key, an address, or `host`, `remote-node` and so on with an optional `(address)`. */
export function peer(text: string): Peer {
  const entity = /^(?<entity>host|remote-node|kube-apiserver)(\((?<address>.*)\))?$/.exec(text)?.groups;
  if (entity !== undefined) {
    return { kind: "entity", entity: entity["entity"] as EntityName, address: entity["address"] };
  }
  return text.includes("/") ? { kind: "workload", workload: text } : { kind: "external", address: text };
}

/** `edge("shop/frontend", "shop/cart", "TCP/8080")`. */
export function edge(client: string, server: string, portText: string): Edge {
  const [protocol = "", port] = portText.split("/");
  return {
    client: peer(client),
    server: peer(server),
    protocol: protocol as Edge["protocol"],
    port: port === undefined ? undefined : Number(port),
    evidence: EVIDENCE,
  };
}
