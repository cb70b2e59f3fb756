import type { Connection, NetworkWorld, WorldPod } from "../../src/evaluator/network/world.ts";
import type { NetworkPolicy, NetworkPolicyPeer } from "../../src/model/manifest.ts";

const NAMESPACE_SIZE = 100;

/** How large a mesh is: so many workloads of so many pods, each with a policy of so many rules a direction. */
export interface MeshSize {
  readonly workloads: number;
  readonly replicas: number;
  readonly rules: number;
}

/** A synthetic cluster in which every workload has a policy with so many rules for clients and for servers. */
export interface Mesh {
  readonly world: NetworkWorld;
  /** The policy of a workload, as in the world or with another port for its clients. */
  readonly policyOf: (workload: number, port?: number) => NetworkPolicy;
  /** Connections of which every other one follows a rule; ends far apart, so that no cache is warm by accident. */
  readonly connections: (count: number) => readonly Connection[];
}

/** Makes the mesh of that size; always the same. */
export function mesh({ workloads, replicas, rules }: MeshSize): Mesh {
  // The servers of a workload are a fixed step away, so that its clients are known as well.
  const serverOf = (workload: number, rule: number): number => (workload + 1 + rule * 37) % workloads;
  const clientOf = (workload: number, rule: number): number => (workload - 1 - rule * 37 + workloads * 37) % workloads;
  const policyOf = (workload: number, port = 8080): NetworkPolicy => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: `w-${workload}`, namespace: namespaceOf(workload) },
    spec: {
      podSelector: { matchLabels: { app: `w-${workload}` } },
      policyTypes: ["Ingress", "Egress"],
      ingress: numbers(rules).map((rule) => ({ from: [peerOf(clientOf(workload, rule))], ports: [{ port }] })),
      egress: numbers(rules).map((rule) => ({ to: [peerOf(serverOf(workload, rule))], ports: [{ port: 8080 }] })),
    },
  });
  const world: NetworkWorld = {
    namespaces: numbers(Math.ceil(workloads / NAMESPACE_SIZE)).map((at) => ({ name: `ns-${at}`, labels: {} })),
    pods: numbers(workloads * replicas).map((number) => podOf(number, replicas)),
    policies: numbers(workloads).map((workload) => policyOf(workload)),
  };
  const connections = (count: number): readonly Connection[] =>
    numbers(count).map((at) => {
      const client = (at * 7919) % (workloads * replicas);
      const workload = Math.floor(client / replicas);
      const server = at % 2 === 0 ? serverOf(workload, at % rules) : (workload + workloads / 2) % workloads;
      const [from, to] = [world.pods[client], world.pods[Math.floor(server) * replicas + (at % replicas)]];
      if (from === undefined || to === undefined) throw new Error("a connection between pods that are not there");
      return { from, to, protocol: "TCP", port: 8080 };
    });
  return { world, policyOf, connections };
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, number) => number);
}

function namespaceOf(workload: number): string {
  return `ns-${Math.floor(workload / NAMESPACE_SIZE)}`;
}

function peerOf(workload: number): NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespaceOf(workload) } },
    podSelector: { matchLabels: { app: `w-${workload}` } },
  };
}

function podOf(number: number, replicas: number): WorldPod {
  const workload = Math.floor(number / replicas);
  return {
    namespace: namespaceOf(workload),
    name: `w-${workload}-${number % replicas}`,
    labels: { app: `w-${workload}`, "pod-template-hash": `${workload * 7919}`, team: `t-${workload % 13}` },
    ips: [`10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`],
    hostNetwork: false,
    node: `node-${number % 500}`,
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  };
}
