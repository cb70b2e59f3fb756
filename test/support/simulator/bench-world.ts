import { Agents, type Draft } from "./agents.ts";
import { edge, nodes, pod, workload } from "./build-world.ts";
import { recordConnection } from "./datapath.ts";
import type { Connection, End } from "./plan.ts";
import { type Pod, type Population, populate } from "./pods.ts";
import { DEFAULT_PROFILE, type Profile, QUIET } from "./profile.ts";
import { createRandom, type Random } from "./random.ts";
import { simPeerName, type World, type WorldEdge } from "./world.ts";

export interface BenchOptions {
  readonly seed: string;
  readonly edges: number;
  readonly pods: number;
}

/** The records of one connection, to be written again and again with other times and client ports. */
export interface EdgeRecords {
  readonly edge: WorldEdge;
  readonly drafts: readonly Draft[];
}

/** Where the templates' connections begin, in microseconds, and the client's port in them. */
export const BENCH_TIME = 1_772_604_000_000_000;
export const BENCH_PORT = 54_321;

const REPLICAS = 3;
const PORTS = [80, 443, 3000, 5432, 6379, 8080, 8443, 9090, 9092] as const;

const PROFILE: Profile = { ...DEFAULT_PROFILE, ...QUIET, version: "1.19", overlayReply: "known", policies: "absent" };

/** Labels as a large company's charts have them, which makes lines long; every third service has only a name. */
function labelsOf(index: number): Record<string, string> {
  if (index % 3 === 0) return { app: `service-${index}` };
  return {
    "app.kubernetes.io/component": index % 2 === 0 ? "backend" : "frontend",
    "app.kubernetes.io/instance": `service-${index}`,
    "app.kubernetes.io/managed-by": "Helm",
    "app.kubernetes.io/name": `service-${index}`,
    "app.kubernetes.io/part-of": `product-${index % 17}`,
    "app.kubernetes.io/version": `1.${index % 40}.0`,
    "helm.sh/chart": `service-chart-3.${index % 5}.2`,
    team: `team-${index % 29}`,
  };
}

/** Distinct edges, heavy on few servers: the k-th server is called with a weight of about 1/k. */
function benchEdges(paths: readonly string[], count: number, random: Random): WorldEdge[] {
  const edges = new Map<string, WorldEdge>();
  const possible = paths.length * (paths.length - 1) * PORTS.length;
  if (count > possible / 2) throw new RangeError(`${count} edges are too many for ${paths.length} workloads`);
  while (edges.size < count) {
    const client = random.pick(paths);
    const server = paths[Math.floor(paths.length ** random.next()) - 1] ?? random.pick(paths);
    if (client === server) continue;
    const made = edge(pod(client), pod(server), random.pick(PORTS));
    edges.set(`${client} ${server} ${made.port}`, made);
  }
  return [...edges.values()];
}

/** A cluster of `pods` pods in `pods / 3` Deployments with so many distinct edges between them. */
export function benchWorld({ seed, edges, pods }: BenchOptions): World {
  const random = createRandom(`${seed}/bench`);
  const count = Math.max(2, Math.ceil(pods / REPLICAS));
  const paths = Array.from({ length: count }, (_, index) => `namespace-${index % 40}/service-${index}`);
  return {
    cluster: "production-europe-west",
    nodes: nodes(Math.max(3, Math.ceil(pods / 100)) + 1),
    namespaces: Array.from({ length: 40 }, (_, index) => ({
      name: `namespace-${index}`,
      labels: { tier: "production" },
    })),
    workloads: paths.map((path, index) => workload(path, { replicas: REPLICAS, labels: labelsOf(index) })),
    services: [],
    externals: [],
    edges: benchEdges(paths, edges, random),
    denied: [],
    dns: { namespace: "kube-system", workload: "coredns", service: "kube-dns", port: 53, nodeLocal: "none" },
  };
}

function endOf(population: Population, name: string, random: Random): End {
  const one: Pod = random.pick(population.get(name) ?? []);
  return { kind: "pod", pod: one, ip: one.ip, node: one.node };
}

/** For each edge of the world the records of one connection, all with {@link BENCH_TIME} and {@link BENCH_PORT}. */
export function* benchRecords(world: World, seed: string): Generator<EdgeRecords> {
  const window = { start: BENCH_TIME, end: BENCH_TIME + 1 };
  const population = populate(world, window, { seed, restarts: 0, reuseIps: false });
  const random = createRandom(`${seed}/bench-records`);
  const agents = new Agents(world, PROFILE, random);
  for (const one of world.edges) {
    const connection: Connection = {
      time: BENCH_TIME,
      client: endOf(population, simPeerName(one.client), random),
      server: endOf(population, simPeerName(one.server), random),
      protocol: "TCP",
      clientPort: BENCH_PORT,
      port: one.port,
      life: "short",
      http: undefined,
      denied: undefined,
      probe: false,
      via: undefined,
    };
    recordConnection(agents, connection);
    yield { edge: one, drafts: agents.drafts.splice(0) };
  }
}
