import type { ClusterNode, Peer, Service, SimEntity, SimProtocol, Workload, World, WorldEdge } from "./world.ts";

/** `shop/cart` as a peer. */
export function pod(path: string): Peer {
  const [namespace = "", name = ""] = path.split("/");
  return { kind: "workload", namespace, name };
}

export function external(address: string): Peer {
  return { kind: "external", address };
}

export function entity(name: SimEntity): Peer {
  return { kind: "entity", entity: name, address: undefined };
}

/** A workload from its path and what is special about it. */
export function workload(path: string, special: Partial<Workload> = {}): Workload {
  const [namespace = "", name = ""] = path.split("/");
  return {
    namespace,
    name,
    kind: "Deployment",
    replicas: 1,
    labels: { "app.kubernetes.io/name": name },
    serviceAccount: name,
    node: undefined,
    probe: undefined,
    schedule: undefined,
    rollouts: 0,
    isolated: { ingress: false, egress: false },
    proxied: false,
    ...special,
  };
}

/** An edge `client -> server:port` with what is special about it. */
export function edge(
  client: Peer,
  server: Peer,
  port: number,
  special: { readonly [K in keyof WorldEdge]?: WorldEdge[K] } = {},
): WorldEdge {
  return { client, server, protocol: "TCP", port, perHour: 4, life: "short", http: [], ...special };
}

export function service(
  path: string,
  clusterIp: string,
  ports: readonly (readonly [port: number, targetPort: number, protocol?: SimProtocol])[],
): Service {
  const [namespace = "", name = ""] = path.split("/");
  return {
    namespace,
    name,
    workload: name,
    clusterIp,
    ports: ports.map(([port, targetPort, protocol = "TCP"]) => ({ port, targetPort, protocol })),
  };
}

export interface NodeOptions {
  readonly controlPlanes?: number;
  readonly family?: "IPv4" | "IPv6";
}

/** In the canonical form of RFC 5952, which has no zero before `::`. */
function ipv6Prefix(index: number): string {
  return index === 0 ? "fd00:10:244::" : `fd00:10:244:${index.toString(16)}::`;
}

/** Nodes with addresses as kind gives them; the control planes come first and run no pods. */
export function nodes(count: number, options: NodeOptions = {}): ClusterNode[] {
  const { controlPlanes = 1, family = "IPv4" } = options;
  return Array.from({ length: count }, (_, index) => {
    const podPrefix = family === "IPv4" ? `10.244.${index}.` : ipv6Prefix(index);
    return {
      name: index < controlPlanes ? `control-plane-${index + 1}` : `worker-${index + 1 - controlPlanes}`,
      controlPlane: index < controlPlanes,
      ip: family === "IPv4" ? `172.18.0.${index + 2}` : `fc00:f853:ccd:e793::${(index + 2).toString(16)}`,
      ciliumIp: `${podPrefix}148`,
      healthIp: `${podPrefix}160`,
      ingressIp: `${podPrefix}161`,
      podPrefix,
    };
  });
}

export interface WorldParts extends World {
  /** Workloads that resolve names, with queries an hour (Jobs and CronJobs: a run). */
  readonly resolvers: readonly { readonly peer: Peer; readonly perHour: number }[];
}

const NODE_LOCAL_DNS = "169.254.20.10";

/** Adds what name resolution brings: edges to the DNS pods, or to the cache on the node and from there on. */
export function buildWorld(parts: WorldParts): World {
  const { resolvers, ...rest } = parts;
  const dnsPods: Peer = { kind: "workload", namespace: parts.dns.namespace, name: parts.dns.workload };
  const cache: Peer = { kind: "workload", namespace: parts.dns.namespace, name: "node-local-dns" };
  const first = { none: dnsPods, host: external(NODE_LOCAL_DNS), pods: cache }[parts.dns.nodeLocal];
  const port = parts.dns.nodeLocal === "none" ? parts.dns.port : 53;
  const edges: WorldEdge[] = resolvers.map(({ peer, perHour }) =>
    edge(peer, first, port, { protocol: "UDP", perHour }),
  );
  const workloads = [...parts.workloads];
  if (parts.dns.nodeLocal === "pods") {
    workloads.push(
      workload(`${cache.kind === "workload" ? cache.namespace : ""}/node-local-dns`, {
        kind: "DaemonSet",
        labels: { "k8s-app": "node-local-dns" },
      }),
    );
    edges.push(edge(cache, dnsPods, parts.dns.port, { perHour: 12 }));
  }
  // The cache in the host's network asks over TCP (force_tcp), from the node's own address.
  if (parts.dns.nodeLocal === "host") edges.push(edge(entity("remote-node"), dnsPods, parts.dns.port, { perHour: 12 }));
  return { ...rest, workloads, edges: [...parts.edges, ...edges] };
}
