import { buildWorld, edge, entity, external, nodes, pod, service, type WorldParts, workload } from "./build-world.ts";
import { createRandom, type Random } from "./random.ts";
import {
  type DeniedEdge,
  type Peer,
  simPeerName,
  type Workload,
  type WorkloadKind,
  type World,
  type WorldEdge,
} from "./world.ts";

const NAMES = ["api", "auth", "billing", "cache", "cart", "db", "gateway", "mail", "orders", "queue", "search", "web"];

const ROUNDS = ["", "beta", "europe", "legacy", "next", "stage"] as const;

/** 50051 is gRPC's usual port: a server's port may well lie among the ephemeral ones. */
const PORTS = [80, 443, 3000, 5432, 5672, 6379, 8080, 8443, 9090, 9092, 11211, 50051] as const;

const APP_KEYS = ["app", "app.kubernetes.io/name", "name", "k8s-app"] as const;

function kindOf(random: Random): WorkloadKind {
  const roll = random.next();
  if (roll < 0.62) return "Deployment";
  if (roll < 0.78) return "StatefulSet";
  if (roll < 0.86) return "DaemonSet";
  return roll < 0.95 ? "CronJob" : "Pod";
}

/** Labels as people write them: a name under some key, often a version, a team, a common parent. */
function labelsOf(name: string, index: number, random: Random): Record<string, string> {
  const labels: Record<string, string> = { [random.pick(APP_KEYS)]: name };
  if (random.chance(0.4)) labels["app.kubernetes.io/part-of"] = "platform";
  if (random.chance(0.4)) labels["version"] = `v${random.integer(1, 3)}`;
  if (random.chance(0.3)) labels["team"] = random.pick(["blue", "green"]);
  if (random.chance(0.2)) labels["helm.sh/chart"] = `${name}-1.${index}.0`;
  return labels;
}

function randomWorkloads(namespaces: readonly string[], size: number, random: Random): Workload[] {
  return Array.from({ length: size }, (_, index) => {
    const base = NAMES[index % NAMES.length] ?? "app";
    const round = Math.floor(index / NAMES.length);
    // Not a number: a bare pod `api-1` cannot be told from the second pod of a StatefulSet `api`.
    const name = round === 0 ? base : `${base}-${ROUNDS[round] ?? `round${round}`}`;
    const kind = kindOf(random);
    const single = kind === "Pod" || kind === "CronJob";
    return workload(`${random.pick(namespaces)}/${name}`, {
      kind,
      replicas: single ? 1 : random.integer(1, 3),
      labels: labelsOf(name, index, random),
      serviceAccount: random.chance(0.7) ? name : "default",
      probe: !single && random.chance(0.3) ? { port: 8080, perHour: 1 } : undefined,
      schedule:
        kind === "CronJob"
          ? { minutesOfDay: Array.from({ length: 24 }, (__, hour) => hour * 60 + 20), weekday: undefined }
          : undefined,
      rollouts: kind === "Deployment" && random.chance(0.2) ? 1 : 0,
      isolated: { ingress: random.chance(0.25), egress: random.chance(0.1) },
      proxied: random.chance(0.15),
    });
  });
}

function peerOf(one: Workload): Peer {
  return pod(`${one.namespace}/${one.name}`);
}

/** Few servers take most of the calls: the k-th is chosen with a weight of 1/k (Zipf). */
function zipf<T>(list: readonly T[], random: Random): T {
  const total = list.reduce((sum, _, index) => sum + 1 / (index + 1), 0);
  let rest = random.next() * total;
  for (const [index, one] of list.entries()) {
    rest -= 1 / (index + 1);
    if (rest <= 0) return one;
  }
  return random.pick(list);
}

function lifeOf(client: Workload, random: Random): WorldEdge["life"] {
  if (client.kind === "CronJob") return "short";
  const roll = random.next();
  if (roll < 0.03) return "reply-only";
  return roll < 0.08 ? "established" : "short";
}

/** Edges between workloads; the same pair may have several ports, and replicas of a database talk to each other. */
function randomEdges(workloads: readonly Workload[], random: Random): WorldEdge[] {
  const servers = random.shuffle(workloads.filter((one) => one.kind !== "CronJob"));
  const edges = new Map<string, WorldEdge>();
  const add = (client: Workload, server: Workload, special: Partial<WorldEdge>): void => {
    const made = edge(peerOf(client), peerOf(server), random.pick(PORTS), { life: lifeOf(client, random), ...special });
    const key = `${simPeerName(made.client)} ${simPeerName(made.server)} ${made.protocol} ${made.port}`;
    if (!edges.has(key)) edges.set(key, made);
  };
  for (let index = 0; index < Math.ceil(workloads.length * 1.6); index += 1) {
    const client = random.pick(workloads);
    const server = zipf(servers, random);
    if (client === server) continue;
    const roll = random.next();
    const protocol = roll < 0.86 ? "TCP" : roll < 0.95 ? "UDP" : "SCTP";
    const http = protocol === "TCP" && random.chance(0.3) ? ["/a?b=1&c=<d>"] : [];
    add(client, server, { protocol, http, perHour: Math.min(30, random.pareto(0.3, 1.1)) });
  }
  for (const one of workloads) {
    if (one.kind === "StatefulSet" && one.replicas > 1 && random.chance(0.5))
      add(one, one, { life: "short", perHour: 8 });
  }
  return [...edges.values()];
}

/** What the cluster has beside its workloads: people outside, services outside, nodes, the API server. */
function outerEdges(workloads: readonly Workload[], random: Random): WorldEdge[] {
  const servers = workloads.filter((one) => one.kind !== "CronJob");
  if (servers.length === 0) return [];
  const some = (): Peer => peerOf(random.pick(servers));
  return [
    ...[1, 2, 3].map((last) => edge(external(`198.51.100.${last}`), some(), 8443, { perHour: 1 })),
    ...[1, 2].map((last) => edge(peerOf(random.pick(workloads)), external(`203.0.113.${last}`), 443, { perHour: 1 })),
    edge(peerOf(random.pick(workloads)), entity("kube-apiserver"), 6443, { perHour: 1 }),
    edge(entity("kube-apiserver"), some(), 9443, { perHour: 0.5 }),
    edge(entity("remote-node"), some(), 9100, { perHour: 1 }),
    edge(entity("ingress"), some(), 8081, { perHour: 2 }),
  ];
}

/** Attempts on ports nobody may use: 6666 is nobody's. */
function randomDenied(workloads: readonly Workload[], random: Random): DeniedEdge[] {
  const closed = workloads.filter((one) => one.kind !== "CronJob");
  const clients = workloads.filter((one) => one.kind !== "CronJob");
  if (closed.length < 2) return [];
  const common = { protocol: "TCP" as const, port: 6666, attempts: 2 };
  const between = [0, 1, 2].flatMap((index) => {
    const client = random.pick(clients);
    const server = random.pick(closed);
    if (client === server) return [];
    const at = index === 2 ? ("egress" as const) : ("ingress" as const);
    return { client: peerOf(client), server: peerOf(server), at, ...common };
  });
  return [
    ...between,
    { client: external("198.51.100.99"), server: peerOf(random.pick(closed)), at: "ingress", ...common },
    { client: peerOf(random.pick(clients)), server: external("203.0.113.99"), at: "egress", ...common },
  ];
}

/**
 * A cluster made up from a seed, with `size` workloads beside CoreDNS. No two workloads of it share namespace and
 * name, or namespace and labels.
 */
export function randomWorld(seed: string | number, size: number): World {
  const random = createRandom(`${seed}/world`);
  const namespaces = ["alpha", "beta", "gamma", "delta"].slice(0, random.integer(1, 4));
  const workloads = randomWorkloads(namespaces, size, random);
  const dnsPort = random.chance(0.2) ? 5353 : 53;
  const coredns = workload("kube-system/coredns", { replicas: 2, labels: { "k8s-app": "kube-dns" } });
  const edges = [...randomEdges(workloads, random), ...outerEdges(workloads, random)];
  const parts: WorldParts = {
    cluster: "made-up",
    nodes: nodes(random.integer(3, 6)),
    namespaces: [...namespaces, "kube-system"].map((name) => ({ name, labels: {} })),
    workloads: [...workloads, coredns],
    services: workloads.flatMap((one, index) => {
      const ports = new Set(
        edges
          .filter((made) => simPeerName(made.server) === `${one.namespace}/${one.name}`)
          .map((made) => `${made.protocol} ${made.port}`),
      );
      const pairs = [...ports].map((text, order) => {
        const [protocol = "TCP", port = "0"] = text.split(" ");
        return [
          10_000 + order,
          Number(port),
          protocol === "UDP" ? "UDP" : protocol === "SCTP" ? "SCTP" : "TCP",
        ] as const;
      });
      return pairs.length === 0
        ? []
        : [service(`${one.namespace}/${one.name}`, `10.96.${1 + Math.floor(index / 200)}.${index % 200}`, pairs)];
    }),
    externals: [1, 2].map((last) => ({ address: `203.0.113.${last}`, names: ["outside.example"] })),
    edges,
    denied: randomDenied(workloads, random),
    dns: {
      namespace: "kube-system",
      workload: "coredns",
      service: "kube-dns",
      port: dnsPort,
      nodeLocal: random.chance(0.7) ? "none" : random.pick(["host", "pods"] as const),
    },
    resolvers: workloads.filter(() => random.chance(0.6)).map((one) => ({ peer: peerOf(one), perHour: 2 })),
  };
  return buildWorld(parts);
}
