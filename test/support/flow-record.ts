import { generate } from "../../generators/index.ts";
import { Learner } from "../../src/graph/learner.ts";
import { resolve } from "../../src/graph/resolve.ts";
import { type Endpoint, type FlowRecord, TCP_ACK, TCP_SYN } from "../../src/model/flow.ts";
import type { CommunicationGraph, Edge } from "../../src/model/graph.ts";
import type { NetworkPolicy } from "../../src/model/manifest.ts";
import { peerName } from "../../src/model/peer.ts";
import type { PolicySet } from "../../src/model/policy-set.ts";
import { DEFAULT_SYNTHESIS, type SynthesisOptions } from "../../src/synthesizer/network/options.ts";
import { synthesize } from "../../src/synthesizer/network/synthesize.ts";

/** 2026-01-05 00:00 UTC, a Monday. */
export const MONDAY: number = Date.UTC(2026, 0, 5);
export const MINUTE = 60_000;
export const HOUR: number = 60 * MINUTE;

export const SYN_ACK: number = TCP_SYN | TCP_ACK;

/** The side of a record of which the source said nothing. */
export const NOBODY: Endpoint = {
  cluster: undefined,
  namespace: undefined,
  podName: undefined,
  labels: [],
  workload: undefined,
  local: false,
};

/** A pod as Cilium shows it: `pod("shop/cart-5d69f8c7b4-x7k2p")` with `app` its name's first word. */
export function pod(id: string, more: Partial<Endpoint> = {}): Endpoint {
  const [namespace = "", podName = ""] = id.split("/");
  const app = podName.split("-")[0] ?? "";
  return {
    ...NOBODY,
    namespace,
    podName,
    labels: [`k8s:app=${app}`, `k8s:io.kubernetes.pod.namespace=${namespace}`],
    ...more,
  };
}

/** Somebody Cilium has a reserved identity for: `reserved("host", "kube-apiserver")`. */
export function reserved(...names: readonly string[]): Endpoint {
  return { ...NOBODY, labels: names.map((name) => `reserved:${name}`) };
}

/** A pod whose name the agent has forgotten. */
export function labelled(namespace: string, labels: Readonly<Record<string, string>>): Endpoint {
  const own = Object.entries(labels).map(([key, value]) => `k8s:${key}=${value}`);
  return { ...NOBODY, labels: [...own, `k8s:io.kubernetes.pod.namespace=${namespace}`].toSorted() };
}

export const FRONTEND: Endpoint = pod("shop/frontend-5d69f8c7b4-x7k2p");
export const CART: Endpoint = pod("shop/cart-7c9d8b6f5d-q2w4z");
export const PAYMENTS: Endpoint = pod("shop/payments-6bbcd7df89-mmx5t");
export const COREDNS: Endpoint = pod("kube-system/coredns-68d6755db9-l4w5k", {
  labels: ["k8s:io.kubernetes.pod.namespace=kube-system", "k8s:k8s-app=kube-dns"],
});

export const FRONTEND_IP = "10.0.1.5";
export const CART_IP = "10.0.2.9";
export const PAYMENTS_IP = "10.0.2.10";
export const COREDNS_IP = "10.0.0.53";

/**
 * One record of the shop: the frontend's node saw an established packet from the frontend to the cart's port 7070 arrive,
 * unless told otherwise.
 */
export function record(over: Partial<FlowRecord> = {}): FlowRecord {
  return {
    time: MONDAY + 9 * HOUR,
    verdict: "FORWARDED",
    event: "trace",
    dropReason: undefined,
    observationPoint: "TO_ENDPOINT",
    isReply: false,
    traceReason: undefined,
    direction: undefined,
    protocol: "TCP",
    tcpFlags: TCP_ACK,
    icmpType: undefined,
    sourceIp: FRONTEND_IP,
    destinationIp: CART_IP,
    sourcePort: 41_234,
    destinationPort: 7070,
    source: FRONTEND,
    destination: CART,
    sourceService: undefined,
    destinationService: undefined,
    sourceNames: [],
    destinationNames: [],
    layer7: undefined,
    node: "node-a",
    weight: 1,
    ...over,
  };
}

/** The packet that answers: ends and ports exchanged, `is_reply` true. */
export function answer(to: FlowRecord, over: Partial<FlowRecord> = {}): FlowRecord {
  return {
    ...to,
    source: to.destination,
    destination: to.source,
    sourceIp: to.destinationIp,
    destinationIp: to.sourceIp,
    sourcePort: to.destinationPort,
    destinationPort: to.sourcePort,
    isReply: true,
    ...over,
  };
}

/** What a new learner knows after these records. */
export function learn(records: readonly FlowRecord[]): Learner {
  const learner = new Learner();
  for (const one of records) learner.flow(one);
  return learner;
}

export function graphOf(records: readonly FlowRecord[], clusterName?: string): CommunicationGraph {
  return resolve(learn(records).observations, { clusterName }).graph;
}

/** `shop/frontend -> shop/cart 7070/TCP`. */
export function edgeText(edge: Pick<Edge, "client" | "server" | "port" | "protocol">): string {
  const port = edge.port === undefined ? edge.protocol : `${edge.port}/${edge.protocol}`;
  return `${peerName(edge.client)} -> ${peerName(edge.server)} ${port}`;
}

export function edgesOf(records: readonly FlowRecord[]): string[] {
  return graphOf(records).edges.map(edgeText);
}

/** `reason: pairs` of everything set aside. */
export function quarantineOf(records: readonly FlowRecord[]): string[] {
  return graphOf(records).quarantine.map(({ reason, pairs }) => `${reason}: ${pairs}`);
}

/** Why records were left out, each reason once. */
export function asideOf(records: readonly FlowRecord[]): string[] {
  const { counts } = learn(records).observations;
  return [...counts.keys()].filter((name) => name.startsWith("aside:")).map((name) => name.slice("aside:".length));
}

export function policiesOf(graph: CommunicationGraph, options: Partial<SynthesisOptions> = {}): PolicySet {
  return synthesize(graph, { ...DEFAULT_SYNTHESIS, ...options });
}

export function manifestsOf(set: PolicySet): NetworkPolicy[] {
  return generate(set, "network-policy").map(({ manifest }) => manifest);
}

export function yamlOf(set: PolicySet): string {
  return generate(set, "network-policy")
    .map(({ path, yaml }) => `# ${path}\n${yaml}`)
    .join("---\n");
}
