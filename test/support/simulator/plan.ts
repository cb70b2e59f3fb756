import { batchRuns, isBatch, type Window } from "./changes.ts";
import { livingPods, type Pod, type Population } from "./pods.ts";
import { createRandom, type Random } from "./random.ts";
import { backendsOf, nodePortOf, targetPortOf } from "./services.ts";
import {
  type ClusterNode,
  type EdgeLife,
  findWorkload,
  type Peer,
  type SimEntity,
  type SimProtocol,
  simPeerName,
  type World,
  type WorldEdge,
} from "./world.ts";

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** One end of a planned connection. */
export type End =
  | { readonly kind: "pod"; readonly pod: Pod; readonly ip: string; readonly node: ClusterNode }
  | { readonly kind: "external"; readonly ip: string; readonly names: readonly string[]; readonly node: undefined }
  | { readonly kind: "entity"; readonly entity: SimEntity; readonly ip: string; readonly node: ClusterNode };

/** A connection that takes place, before anybody records it. */
export interface Connection {
  /** Microseconds since the epoch. */
  readonly time: number;
  readonly client: End;
  readonly server: End;
  readonly protocol: SimProtocol;
  readonly clientPort: number;
  /** The pod's port. */
  readonly port: number;
  readonly life: EdgeLife;
  readonly http: string | undefined;
  /** Where a policy refuses it; undefined when it passes. */
  readonly denied: "egress" | "ingress" | undefined;
  /** A kubelet's probe. */
  readonly probe: boolean;
  /** The node whose NodePort the client dialled, and that number. */
  readonly via: { readonly node: ClusterNode; readonly nodePort: number } | undefined;
}

/** Everything that decides a plan. */
export interface PlanInput {
  readonly world: World;
  readonly population: Population;
  readonly window: Window;
  readonly seed: string;
  /** The node addresses other nodes see: CiliumInternalIP with an overlay, InternalIP with native routing. */
  readonly overlay: boolean;
}

/** A node of another cluster: its agent writes into another log. */
const OTHER_NODE: ClusterNode = {
  name: "west-worker-1",
  controlPlane: false,
  ip: "172.19.0.3",
  ciliumIp: "10.245.1.148",
  healthIp: "10.245.1.160",
  ingressIp: "10.245.1.161",
  podPrefix: "10.245.1.",
};

/** How busy the hours of a day are (UTC), the busiest 1. */
const DAY_CURVE = [
  0.25, 0.2, 0.18, 0.18, 0.2, 0.28, 0.4, 0.55, 0.7, 0.82, 0.9, 0.95, 1, 0.98, 0.95, 0.92, 0.9, 0.92, 0.96, 1, 0.9, 0.72,
  0.5, 0.35,
] as const;

/** Times spread over the window, more in busy hours; never none. */
function spread(window: Window, perHour: number, random: Random): number[] {
  const long = window.end - window.start;
  const wanted = Math.max(1, Math.round((perHour * long) / HOUR));
  const slot = long / wanted;
  const times = Array.from({ length: wanted }, (_, index) => Math.floor(window.start + (index + random.next()) * slot));
  const kept = times.filter((time) => random.next() < (DAY_CURVE[Math.floor(time / HOUR) % 24] ?? 1));
  return kept.length > 0 ? kept : times.slice(0, 1);
}

/** Times within the runs of a Job or CronJob. */
function timesOfRuns(input: PlanInput, client: Peer & { kind: "workload" }, perRun: number, random: Random): number[] {
  const runs = batchRuns(findWorkload(input.world, client), input.window);
  return runs.flatMap((minute) =>
    Array.from(
      { length: Math.max(1, Math.round(perRun)) },
      () => minute * MINUTE + random.integer(2 * SECOND, 6 * MINUTE),
    ),
  );
}

function timesOf(input: PlanInput, client: Peer, perHour: number, random: Random): number[] {
  if (client.kind === "workload" && isBatch(findWorkload(input.world, client))) {
    return timesOfRuns(input, client, perHour, random);
  }
  return spread(input.window, perHour, random);
}

function entityEnd(input: PlanInput, entity: SimEntity, other: End | undefined, random: Random): End {
  const { nodes } = input.world;
  const workers = nodes.filter((node) => !node.controlPlane);
  const controlPlanes = nodes.filter((node) => node.controlPlane);
  const address = (node: ClusterNode): string => (input.overlay ? node.ciliumIp : node.ip);
  const elsewhere = workers.filter((node) => node !== other?.node);
  switch (entity) {
    case "kube-apiserver": {
      const node = random.pick(controlPlanes);
      return { kind: "entity", entity, ip: node.ip, node };
    }
    case "host": {
      const node = other?.node ?? random.pick(workers);
      return { kind: "entity", entity, ip: address(node), node };
    }
    case "remote-node": {
      const node = random.pick(elsewhere);
      return { kind: "entity", entity, ip: address(node), node };
    }
    case "ingress": {
      const node = random.pick(workers);
      return { kind: "entity", entity, ip: node.ingressIp, node };
    }
    case "other-cluster":
      return { kind: "entity", entity, ip: OTHER_NODE.podPrefix + "7", node: OTHER_NODE };
    case "health": {
      const node = random.pick(elsewhere);
      return { kind: "entity", entity, ip: node.healthIp, node };
    }
  }
}

function podEnd(pod: Pod): End {
  return { kind: "pod", pod, ip: pod.ip, node: pod.node };
}

/** A pod in the host's network is its node to everybody who looks at packets. */
function asNode(input: PlanInput, end: End, other: End, role: "client" | "server"): End {
  if (end.kind !== "pod" || end.pod.workload.hostNetwork !== true) return end;
  const { node } = end;
  const ip = role === "client" && input.overlay && other.kind === "pod" ? node.ciliumIp : node.ip;
  return { kind: "entity", entity: other.node === node ? "host" : "remote-node", ip, node };
}

function endAt(input: PlanInput, peer: Peer, time: number, random: Random): End | undefined {
  switch (peer.kind) {
    case "workload": {
      const living = livingPods(input.population, `${peer.namespace}/${peer.name}`, time);
      return living.length === 0 ? undefined : podEnd(random.pick(living));
    }
    case "external": {
      const known = input.world.externals.find((one) => one.address === peer.address);
      return { kind: "external", ip: peer.address, names: known?.names ?? [], node: undefined };
    }
    case "entity":
      return undefined;
  }
}

/** Both ends of a connection at that time; undefined when one of them has no living pod or would be the other. */
function endsAt(input: PlanInput, peers: readonly [Peer, Peer], time: number, random: Random): [End, End] | undefined {
  const [from, to] = peers;
  const client = endAt(input, from, time, random);
  const server = endAt(input, to, time, random);
  const wholeClient = from.kind === "entity" ? entityEnd(input, from.entity, server, random) : client;
  const wholeServer = to.kind === "entity" ? entityEnd(input, to.entity, client, random) : server;
  if (wholeClient === undefined || wholeServer === undefined || wholeClient.ip === wholeServer.ip) return undefined;
  return [asNode(input, wholeClient, wholeServer, "client"), asNode(input, wholeServer, wholeClient, "server")];
}

/** The node that a client dials when it uses a NodePort: any. */
function viaOf({ world }: PlanInput, edge: WorldEdge, server: End, random: Random): Connection["via"] {
  if (edge.via === undefined || server.kind !== "pod") return undefined;
  for (const service of world.services) {
    if (!backendsOf(world, service).includes(server.pod.workload)) continue;
    const port = service.ports.find(
      (one) => one.protocol === edge.protocol && targetPortOf(one, server.pod.workload) === edge.port,
    );
    const nodePort = port && nodePortOf(world, service, port);
    if (nodePort !== undefined) return { node: random.pick(world.nodes), nodePort };
  }
  throw new RangeError(`no NodePort leads to ${simPeerName(edge.server)} ${edge.protocol} ${edge.port}`);
}

function planEdges(input: PlanInput): Connection[] {
  return input.world.edges.flatMap((edge, index) => {
    const random = createRandom(`${input.seed}/edge/${index}`);
    return timesOf(input, edge.client, edge.perHour, random).flatMap((time) => {
      const ends = endsAt(input, [edge.client, edge.server], time, random);
      if (ends === undefined) return [];
      return {
        time,
        client: ends[0],
        server: ends[1],
        protocol: edge.protocol,
        clientPort: random.integer(32768, 60999),
        port: edge.port,
        life: edge.life,
        http: edge.http.length === 0 ? undefined : random.pick(edge.http),
        denied: undefined,
        probe: false,
        via: viaOf(input, edge, ends[1], random),
      };
    });
  });
}

function planDenied(input: PlanInput): Connection[] {
  const { start, end } = input.window;
  return input.world.denied.flatMap((attempt, index) => {
    const random = createRandom(`${input.seed}/denied/${index}`);
    return Array.from({ length: attempt.attempts }, () => random.integer(start, end - 20 * SECOND)).flatMap((time) => {
      const ends = endsAt(input, [attempt.client, attempt.server], time, random);
      if (ends === undefined) return [];
      return {
        time,
        client: ends[0],
        server: ends[1],
        protocol: attempt.protocol,
        clientPort: random.integer(32768, 60999),
        port: attempt.port,
        life: "short" as const,
        http: undefined,
        denied: attempt.at,
        probe: false,
        via: undefined,
      };
    });
  });
}

function planProbes(input: PlanInput): Connection[] {
  const probed = input.world.workloads.filter((one) => one.probe !== undefined && one.hostNetwork !== true);
  return probed.flatMap((workload) => {
    const random = createRandom(`${input.seed}/probe/${workload.namespace}/${workload.name}`);
    const port = workload.probe?.port ?? 0;
    return spread(input.window, workload.probe?.perHour ?? 1, random).flatMap((time) => {
      const pods = livingPods(input.population, `${workload.namespace}/${workload.name}`, time);
      if (pods.length === 0) return [];
      const server = podEnd(random.pick(pods));
      return {
        time,
        client: entityEnd(input, "host", server, random),
        server,
        protocol: "TCP" as const,
        clientPort: random.integer(32768, 60999),
        port,
        life: "short" as const,
        http: undefined,
        denied: undefined,
        probe: true,
        via: undefined,
      };
    });
  });
}

/** All connections of a window in the order of time: what really happens, whoever sees it. */
export function planConnections(input: PlanInput): Connection[] {
  const all = [...planEdges(input), ...planDenied(input), ...planProbes(input)];
  return all.toSorted((a, b) => a.time - b.time || a.clientPort - b.clientPort);
}
