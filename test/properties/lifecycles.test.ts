import { describe, expect, it } from "vitest";
import { prove } from "../../src/evaluator/proof.ts";
import { resolve } from "../../src/graph/resolve.ts";
import type { CommunicationGraph } from "../../src/model/graph.ts";
import { isRunTimeLabel } from "../../src/model/labels.ts";
import { peerName } from "../../src/model/peer.ts";
import { manifestsOf, policiesOf, yamlOf } from "../support/flow-record.ts";
import { isClosed, pairVerdicts, podVerdicts } from "../support/pod-verdicts.ts";
import { learnLines } from "../support/read-lines.ts";
import {
  buildWorld,
  createRandom,
  edge,
  edgeName,
  external,
  nodes,
  type Peer,
  type Pod,
  type Profile,
  pod,
  type Simulation,
  service,
  simulate,
  type Workload,
  type World,
  workload,
} from "../support/simulator/index.ts";

function peerOf({ namespace, name }: Workload): Peer {
  return pod(`${namespace}/${name}`);
}

/** CronJobs every twenty minutes, Jobs that run once, and applications that roll out, on two nodes whose addresses go round. */
function restlessWorld(seed: number): World {
  const random = createRandom(`restless/${seed}`);
  const everyTwenty = (offset: number): number[] => Array.from({ length: 72 }, (_, index) => index * 20 + offset);
  const named = (letters: string, make: (letter: string, index: number) => Workload): Workload[] =>
    letters.split("").map(make);
  const ticks = named("abcdef", (letter, index) =>
    workload(`batch/tick-${letter}`, {
      kind: "CronJob",
      schedule: { minutesOfDay: everyTwenty(index * 3), weekday: undefined },
    }),
  );
  const jobs = named("xyz", (letter) => workload(`batch/migrate-${letter}`, { kind: "Job", labels: { task: letter } }));
  const apps = named("klmnop", (letter) =>
    workload(`shop/app-${letter}`, {
      kind: random.pick(["Deployment", "Deployment", "StatefulSet"] as const),
      replicas: random.integer(1, 3),
      rollouts: random.integer(1, 3),
      labels: { app: letter, version: "v1" },
      isolated: { ingress: random.chance(0.4), egress: false },
    }),
  );
  const clients = [...ticks, ...jobs, ...apps];
  const edges = clients.map((client) => {
    const server = random.pick(apps.filter((one) => one !== client));
    return edge(peerOf(client), peerOf(server), random.pick([80, 5432, 6379, 50_051]), {
      perHour: random.integer(1, 4),
    });
  });
  const [tick, otherTick, job, app, otherApp] = [ticks[0]!, ticks[1]!, jobs[0]!, apps[0]!, apps[1]!];
  const refused = (client: Workload, server: Workload, port: number): World["denied"][number] => ({
    client: peerOf(client),
    server: peerOf(server),
    protocol: "TCP",
    port,
    at: "ingress",
    attempts: 4,
  });
  return buildWorld({
    cluster: "restless",
    nodes: nodes(3),
    namespaces: ["batch", "shop", "kube-system"].map((name) => ({ name, labels: {} })),
    workloads: [...clients, workload("kube-system/coredns", { replicas: 2, labels: { "k8s-app": "kube-dns" } })],
    services: apps.map((one, index) =>
      service(
        `shop/${one.name}`,
        `10.96.0.${index + 1}`,
        [80, 5432, 6379, 50_051].map((port, order) => [10_000 + order, port]),
      ),
    ),
    externals: ["203.0.113.1", "203.0.113.2"].map((address) => ({ address, names: ["outside.example"] })),
    edges: [
      ...edges,
      edge(peerOf(tick), external("203.0.113.1"), 443),
      edge(external("203.0.113.2"), peerOf(app), 8443),
    ],
    denied: [refused(otherTick, otherApp, 7777), refused(job, app, 7778), refused(app, otherApp, 7779)],
    dns: { namespace: "kube-system", workload: "coredns", service: "kube-dns", port: 53, nodeLocal: "none" },
    resolvers: clients.map((one) => ({ peer: peerOf(one), perHour: 2 })),
  });
}

const RESTLESS: Partial<Profile> = { reuseIps: true, restarts: 25, nameless: 0.3 };
const CASES: readonly (readonly [string, number, Partial<Profile>])[] = [
  ["cilium 1.10, no workload names in the records", 1, { version: "1.10" }],
  ["cilium 1.15", 2, {}],
  ["cilium 1.17, native routing, mislabelled", 3, { version: "1.17", datapath: "native", mislabelled: 0.4 }],
  ["cilium 1.19, run-time labels shown", 4, { version: "1.19", overlayReply: "known", volatileLabels: true }],
  ["every packet recorded, most sides nameless", 5, { aggregation: "none", nameless: 0.6 }],
  ["audit mode, DNS proxied", 6, { policies: "audit", proxy: "dns" }],
  ["nothing but the address of half the remote sides", 8, { anonymous: 0.5 }],
  ["wrong is_reply", 7, { version: "1.17", overlayReply: "known", datapath: "native", wrongReplies: 0.3 }],
];

interface Run {
  readonly simulation: Simulation;
  readonly graph: CommunicationGraph;
}

const runs = new Map<string, Run>();

/** Each is made once, for all that is asked about it. */
function run(seed: number, profile: Partial<Profile>, when = "this week"): Run {
  const name = JSON.stringify([seed, profile, when]);
  const known = runs.get(name);
  if (known !== undefined) return known;
  const simulation = simulate(restlessWorld(seed), { seed: `${seed}/${when}`, hours: 2, ...RESTLESS, ...profile });
  const made = { simulation, graph: resolve(learnLines(simulation.lines).observations).graph };
  runs.set(name, made);
  return made;
}

const STRICT = { unobserved: "deny", defaultDeny: true, systemNamespaces: true } as const;

describe("a cluster whose pods come and go", () => {
  it("gives addresses to one workload after another, of Jobs that ended too", () => {
    const pods = [...run(1, {}).simulation.population.values()].flat();
    const holders = new Map<string, Set<string>>();
    for (const {
      ip,
      workload: { name },
    } of pods)
      holders.set(ip, (holders.get(ip) ?? new Set()).add(name));
    const shared = [...holders.values()].filter((names) => names.size > 1);
    expect(shared.length).toBeGreaterThan(5);
    expect(shared.some((names) => [...names].some((name) => name.startsWith("migrate-")))).toBe(true);
    expect(pods.filter((one: Pod) => one.workload.kind === "CronJob").length).toBeGreaterThan(25);
  });

  it.each(CASES)("is learned without a lost or a made-up edge (%s)", (_, seed, profile) => {
    const { simulation, graph } = run(seed, profile);
    const isPlain = ({ client, server, port }: CommunicationGraph["edges"][number]): boolean =>
      client.kind !== "entity" && server.kind !== "entity" && port !== undefined;
    const learned = graph.edges
      .filter(isPlain)
      .map(({ client, server, protocol, port }) => `${peerName(client)} -> ${peerName(server)} ${protocol} ${port}`);
    expect(learned.toSorted()).toEqual(simulation.truth.edges.map(edgeName).toSorted());
    expect(simulation.truth.edges.length).toBeGreaterThan(25);
  });

  it.each(CASES)(
    "is let through pod by pod, old pods and new ones, and what was refused is not (%s)",
    (_, seed, profile) => {
      const { simulation, graph } = run(seed, profile);
      for (const options of [{}, STRICT]) {
        const policies = manifestsOf(policiesOf(graph, options));
        const took = podVerdicts(simulation, policies, ({ denied }) => denied === undefined);
        expect(took.length).toBeGreaterThan(100);
        expect(took.filter(({ verdict }) => verdict.verdict !== "allowed")).toEqual([]);
        const proof = prove(graph, policies);
        expect([...proof.cut, ...proof.needless]).toEqual([]);
      }
      if (simulation.profile.policies !== "enforced") return;
      const strict = manifestsOf(policiesOf(graph, STRICT));
      const refused = podVerdicts(simulation, strict, ({ denied }) => denied !== undefined);
      expect(refused.length).toBeGreaterThan(2);
      expect(refused.filter(({ verdict }) => verdict.verdict !== "denied")).toEqual([]);
    },
  );

  it.each(CASES)("lets nobody else through a closed end, into it or out of it (%s)", (_, seed, profile) => {
    const { simulation, graph } = run(seed, profile);
    const took = new Set(simulation.truth.edges.map(edgeName));
    const pairs = pairVerdicts(simulation, manifestsOf(policiesOf(graph, { ...STRICT, dnsOverTcp: false })));
    for (const direction of ["ingress", "egress"] as const) {
      const closed = pairs.filter(({ verdict }) => isClosed(verdict[direction]));
      expect(closed.length).toBeGreaterThan(1000);
      const through = closed.filter(({ verdict }) => verdict[direction].verdict !== "denied").map(({ name }) => name);
      expect(through.length).toBeGreaterThan(10);
      expect(through.filter((name) => !took.has(name))).toEqual([]);
    }
  });

  it.each(CASES)("is selected by labels that outlive a rollout and a run (%s)", (_, seed, profile) => {
    const manifests = manifestsOf(policiesOf(run(seed, profile).graph, STRICT));
    const selectors = manifests.flatMap(({ spec }) => [
      spec.podSelector,
      ...(spec.ingress ?? []).flatMap((rule) => (rule.from ?? []).map((peer) => peer.podSelector)),
      ...(spec.egress ?? []).flatMap((rule) => (rule.to ?? []).map((peer) => peer.podSelector)),
    ]);
    const keys = new Set(selectors.flatMap((selector) => Object.keys(selector?.matchLabels ?? {})));
    expect(keys.has("app")).toBe(true);
    expect([...keys].filter((key) => isRunTimeLabel(key) || key === "version")).toEqual([]);
  });

  // In audit mode what would be refused takes place, in one week and not in the other.
  const steady = CASES.filter(([, , { policies }]) => policies !== "audit");
  it.each(steady)(
    "gives the same bytes another week, with other pods, hashes and addresses (%s)",
    (_, seed, profile) => {
      const [one, other] = [run(seed, profile), run(seed, profile, "next week")];
      const names = ({ simulation }: Run): string[] =>
        [...simulation.population.values()].flat().map(({ name }) => name);
      expect(names(one)).not.toEqual(names(other));
      expect(yamlOf(policiesOf(other.graph, STRICT))).toBe(yamlOf(policiesOf(one.graph, STRICT)));
    },
  );
});
