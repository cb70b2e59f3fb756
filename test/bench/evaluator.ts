import { parseArgs } from "node:util";
import { policyDifference } from "../../src/evaluator/difference.ts";
import { compileNetworkWorld } from "../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../src/evaluator/network/evaluate.ts";
import type { Connection, NetworkWorld, WorldPod } from "../../src/evaluator/network/world.ts";
import { indexNetworkWorld } from "../../src/evaluator/network-index/index-world.ts";
import { serverPort } from "../../src/evaluator/network-index/port-table.ts";
import { endOf, verdictNumber, verdictOf } from "../../src/evaluator/network-index/verdict-of.ts";
import type { NetworkPolicy, NetworkPolicyPeer } from "../../src/model/manifest.ts";

/**
 * Measures the indexed evaluator beside the plain one on one synthetic mesh, in turns, and prints medians: a policy for
 * every workload with so many rules for clients and for servers; half of the connections asked about follow a rule.
 */
const { values } = parseArgs({
  options: {
    workloads: { type: "string", default: "10000" },
    replicas: { type: "string", default: "10" },
    rules: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
  },
});
const WORKLOADS = Number(values.workloads);
const REPLICAS = Number(values.replicas);
const RULES = Number(values.rules);
const NAMESPACE_SIZE = 100;
const INDEXED_CONNECTIONS = 2_000_000;
const PLAIN_CONNECTIONS = 100_000;

function namespaceOf(workload: number): string {
  return `ns-${Math.floor(workload / NAMESPACE_SIZE)}`;
}

function peerOf(workload: number): NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespaceOf(workload) } },
    podSelector: { matchLabels: { app: `w-${workload}` } },
  };
}

/** The servers of a workload: a fixed step away, so that its clients are known as well. */
function serverOf(workload: number, rule: number): number {
  return (workload + 1 + rule * 37) % WORKLOADS;
}

function clientOf(workload: number, rule: number): number {
  return (workload - 1 - rule * 37 + WORKLOADS * RULES) % WORKLOADS;
}

function policyOf(workload: number, port = 8080): NetworkPolicy {
  const rules = Array.from({ length: RULES }, (_, rule) => rule);
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: `w-${workload}`, namespace: namespaceOf(workload) },
    spec: {
      podSelector: { matchLabels: { app: `w-${workload}` } },
      policyTypes: ["Ingress", "Egress"],
      ingress: rules.map((rule) => ({ from: [peerOf(clientOf(workload, rule))], ports: [{ port }] })),
      egress: rules.map((rule) => ({ to: [peerOf(serverOf(workload, rule))], ports: [{ port: 8080 }] })),
    },
  };
}

function podOf(number: number): WorldPod {
  const workload = Math.floor(number / REPLICAS);
  return {
    namespace: namespaceOf(workload),
    name: `w-${workload}-${number % REPLICAS}`,
    labels: { app: `w-${workload}`, "pod-template-hash": `${workload * 7919}`, team: `t-${workload % 13}` },
    ips: [`10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`],
    hostNetwork: false,
    node: `node-${number % 500}`,
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  };
}

const world: NetworkWorld = {
  namespaces: Array.from({ length: Math.ceil(WORKLOADS / NAMESPACE_SIZE) }, (_, at) => ({
    name: `ns-${at}`,
    labels: {},
  })),
  pods: Array.from({ length: WORKLOADS * REPLICAS }, (_, number) => podOf(number)),
  policies: Array.from({ length: WORKLOADS }, (_, workload) => policyOf(workload)),
};

/** Every other connection follows a rule; numbers far apart, so that no cache is warm by accident. */
const connections: readonly Connection[] = Array.from({ length: PLAIN_CONNECTIONS }, (_, at) => {
  const client = (at * 7919) % (WORKLOADS * REPLICAS);
  const workload = Math.floor(client / REPLICAS);
  const server = at % 2 === 0 ? serverOf(workload, at % RULES) : (workload + 5000) % WORKLOADS;
  const [from, to] = [world.pods[client], world.pods[server * REPLICAS + (at % REPLICAS)]];
  if (from === undefined || to === undefined) throw new Error("a connection between pods that are not there");
  return { from, to, protocol: "TCP", port: 8080 };
});

function timed<T>(run: () => T): readonly [seconds: number, result: T] {
  // Processor time of this process and not the clock: the machine may be busy with something else.
  const started = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(started);
  return [(user + system) / 1e6, result];
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function megabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20 + process.memoryUsage().arrayBuffers / 2 ** 20;
}

interface Round {
  readonly compile: number;
  readonly plain: number;
  readonly build: number;
  readonly byName: number;
  readonly byNumber: number;
  readonly difference: number;
}

function round(): Round {
  const [compile, compiled] = timed(() => compileNetworkWorld(world, "upstream"));
  const [plainSeconds, plainAllowed] = timed(
    () => connections.filter((connection) => evaluateConnection(compiled, connection).verdict === "allowed").length,
  );
  const before = megabytes();
  const [build, index] = timed(() => indexNetworkWorld(world, "upstream"));
  const memory = megabytes() - before;
  const [namedSeconds, indexedAllowed] = timed(
    () => connections.filter((connection) => verdictOf(index, connection) === "allowed").length,
  );
  if (indexedAllowed !== plainAllowed)
    throw new Error(`${indexedAllowed} allowed, but ${plainAllowed} by the plain evaluator`);
  const clients = Int32Array.from(connections, ({ from }) => endOf(index, from));
  const servers = Int32Array.from(connections, ({ to }) => endOf(index, to));
  const port = serverPort("TCP", 8080);
  const [numberSeconds] = timed(() => {
    let sum = 0;
    for (let at = 0; at < INDEXED_CONNECTIONS; at++) {
      sum += verdictNumber(index, clients[at % clients.length] ?? 0, servers[at % clients.length] ?? 0, port);
    }
    return sum;
  });
  const changed = world.policies.map((policy, at) => (at === 4711 % WORKLOADS ? policyOf(at, 8081) : policy));
  const [difference, rows] = timed(() => policyDifference(world, { ...world, policies: changed }, "upstream"));
  console.log(
    `  ${index.peers.table.classes.length} classes, ${plainAllowed} of ${PLAIN_CONNECTIONS} allowed, index ${memory.toFixed(0)} MiB, ` +
      `difference ${rows.cut.length} cut and ${rows.opened.length} opened`,
  );
  return {
    compile,
    plain: PLAIN_CONNECTIONS / plainSeconds,
    build,
    byName: PLAIN_CONNECTIONS / namedSeconds,
    byNumber: INDEXED_CONNECTIONS / numberSeconds,
    difference,
  };
}

console.log(`${world.pods.length} pods, ${world.policies.length} policies, ${2 * RULES} rules each`);
const rounds = Array.from({ length: Number(values.rounds) }, round);
const [compile, plain, build, byName, byNumber, difference] = (
  ["compile", "plain", "build", "byName", "byNumber", "difference"] as const
).map((key) => median(rounds.map((one) => one[key])));
const ratio = (one = Number.NaN, other = Number.NaN): string => `${(one / other).toFixed(2)} x`;
console.log(
  `build:                 indexed ${build?.toFixed(2)} s, plain ${compile?.toFixed(2)} s (${ratio(build, compile)})`,
);
console.log(`verdicts/s by name:    indexed ${millions(byName)}, plain ${millions(plain)} (${ratio(byName, plain)})`);
console.log(`verdicts/s by number:  indexed ${millions(byNumber)} (${ratio(byNumber, plain)})`);
console.log(`difference of one policy: ${difference?.toFixed(2)} s`);
console.log(`peak memory of all of it: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);

function millions(number = Number.NaN): string {
  return `${(number / 1e6).toFixed(2)} million`;
}
