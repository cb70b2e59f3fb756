import { parseArgs } from "node:util";
import { policyDifference } from "../../src/evaluator/difference.ts";
import { compileNetworkWorld } from "../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../src/evaluator/network/evaluate.ts";
import { indexNetworkWorld } from "../../src/evaluator/network-index/index-world.ts";
import { serverPort } from "../../src/evaluator/network-index/port-table.ts";
import { endOf, verdictNumber, verdictOf } from "../../src/evaluator/network-index/verdict-of.ts";
import { mesh } from "./mesh.ts";

/**
 * Measures the indexed evaluator beside the plain one on one synthetic mesh, in turns, and prints medians: a policy for
 * every workload with so many rules for clients and for servers; half of the connections asked about follow a rule.
 * Then the difference that one changed policy makes, with everything else the very same objects and with everything
 * read anew, as from another folder; and the one that changes everything: a mesh without policies that gets them all.
 */
const { values } = parseArgs({
  options: {
    workloads: { type: "string", default: "10000" },
    replicas: { type: "string", default: "10" },
    rules: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
    closed: { type: "string", default: "1000" },
  },
});
const SIZE = { workloads: Number(values.workloads), replicas: Number(values.replicas), rules: Number(values.rules) };
const INDEXED_CONNECTIONS = 2_000_000;
const PLAIN_CONNECTIONS = 100_000;
const FIGURES = ["compile", "plain", "build", "byName", "byNumber", "changed", "readAnew", "closed"] as const;
type Round = Readonly<Record<(typeof FIGURES)[number], number>>;

const { world, policyOf, connections: connectionsOf } = mesh(SIZE);
const connections = connectionsOf(PLAIN_CONNECTIONS);
const place = 4711 % SIZE.workloads;
const changed = {
  ...world,
  policies: world.policies.map((policy, at) => (at === place ? policyOf(at, 8081) : policy)),
};
const readAnew = structuredClone(changed);
const small = mesh({ ...SIZE, workloads: Number(values.closed) }).world;

function timed<T>(run: () => T): readonly [seconds: number, result: T] {
  globalThis.gc?.();
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
  console.log(
    `  ${index.peers.table.classes.length} classes, ${plainAllowed} of ${PLAIN_CONNECTIONS} allowed, index ${memory.toFixed(0)} MiB`,
  );
  return {
    compile,
    plain: PLAIN_CONNECTIONS / plainSeconds,
    build,
    byName: PLAIN_CONNECTIONS / namedSeconds,
    byNumber: INDEXED_CONNECTIONS / numberSeconds,
    ...differences(),
  };
}

function differences(): Pick<Round, "changed" | "readAnew" | "closed"> {
  const [same, rows] = timed(() => policyDifference(world, changed, "upstream"));
  const [anew, others] = timed(() => policyDifference(world, readAnew, "upstream"));
  const [closed, all] = timed(() => policyDifference({ ...small, policies: [] }, small, "upstream"));
  if (rows.cut.length !== 1 || JSON.stringify(others) !== JSON.stringify(rows))
    throw new Error(
      `${rows.cut.length} and ${others.cut.length} rows of one changed port, which must be 1 and the same`,
    );
  console.log(`  difference: ${rows.cut.length} row of one changed policy, ${all.cut.length} of closing everything`);
  return { changed: same, readAnew: anew, closed };
}

console.log(`${world.pods.length} pods, ${world.policies.length} policies, ${2 * SIZE.rules} rules each`);
const rounds = Array.from({ length: Number(values.rounds) }, round);
const figure = (name: (typeof FIGURES)[number]): number => median(rounds.map((one) => one[name]));
const seconds = (name: (typeof FIGURES)[number]): string => `${figure(name).toFixed(2)} s`;
const ratio = (one: (typeof FIGURES)[number], other: (typeof FIGURES)[number]): string =>
  `${(figure(one) / figure(other)).toFixed(2)} x`;
const millions = (name: (typeof FIGURES)[number]): string => `${(figure(name) / 1e6).toFixed(2)} million`;
console.log(
  `build:                    indexed ${seconds("build")}, plain ${seconds("compile")} (${ratio("build", "compile")})`,
);
console.log(
  `verdicts/s by name:       indexed ${millions("byName")}, plain ${millions("plain")} (${ratio("byName", "plain")})`,
);
console.log(`verdicts/s by number:     indexed ${millions("byNumber")} (${ratio("byNumber", "plain")})`);
console.log(`difference of one policy: ${seconds("changed")}, everything read anew ${seconds("readAnew")}`);
console.log(`closing ${values.closed} workloads:   ${seconds("closed")}`);
console.log(`peak memory of all of it: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
