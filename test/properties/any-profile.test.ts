import { describe, expect, it } from "vitest";
import { prove } from "../../src/evaluator/proof.ts";
import { Learner } from "../../src/graph/learner.ts";
import { mergeSnapshot } from "../../src/graph/merge-snapshot.ts";
import { resolve } from "../../src/graph/resolve.ts";
import { printSnapshot } from "../../src/graph/snapshot.ts";
import type { CommunicationGraph } from "../../src/model/graph.ts";
import { peerName } from "../../src/model/peer.ts";
import { manifestsOf, policiesOf, yamlOf } from "../support/flow-record.ts";
import { learnLines } from "../support/read-lines.ts";
import {
  createRandom,
  duplicate,
  edgeName,
  type Profile,
  randomWorld,
  type Simulation,
  shuffle,
  simulate,
  split,
} from "../support/simulator/index.ts";

/** How many profiles are drawn; set NETLEARN_SOAK to a larger number to look for trouble. */
const COUNT = Number(process.env["NETLEARN_SOAK"] ?? 8);

/** Every dimension of a profile drawn on its own, so that they meet as they do in clusters and in no list of profiles. */
function drawProfile(seed: number): Partial<Profile> {
  const random = createRandom(`any profile/${seed}`);
  const version = random.pick(["1.10", "1.15", "1.17", "1.19"] as const);
  const isReply = random.chance(0.85) ? "right" : "retina";
  return {
    version,
    isReply,
    overlayReply: version === "1.10" || version === "1.15" ? "unknown" : "known",
    datapath: random.pick(["overlay", "native"] as const),
    services: random.chance(0.2) ? "kube-proxy" : "kube-proxy-replacement",
    aggregation: random.pick(["none", "medium"] as const),
    proxy: random.pick(["none", "dns", "dns-and-http"] as const),
    policies: isReply === "right" ? random.pick(["enforced", "audit", "absent"] as const) : "absent",
    volatileLabels: random.chance(0.3),
    sockets: random.chance(0.3),
    wrongReplies: random.pick([0, 0, 0.3]),
    dualStack: random.chance(0.25),
    nameless: random.pick([0, 0.04, 0.3]),
    mislabelled: random.pick([0, 0.12, 0.4]),
    restarts: random.pick([0, 1, 12, 40]),
    reuseIps: random.chance(0.6),
    redelivered: random.pick([0, 0.2]),
    jitter: random.pick([0, 200_000, 5_000_000]),
    exporterAggregation: random.chance(0.15) ? 30 : undefined,
    shape: random.pick(["export", "bare"] as const),
  };
}

const SIMULATIONS = Array.from({ length: COUNT }, (_, seed) => {
  const profile = drawProfile(seed);
  const { datapath, version, services, policies, isReply } = profile;
  const name = `${seed}: ${version}, ${datapath}, ${services}, policies ${policies}, is_reply ${isReply}`;
  const size = 6 + ((seed * 5) % 15);
  return [
    name,
    () => simulate(randomWorld(`any profile/${seed}`, size), { seed: `any/${seed}`, hours: 1, ...profile }),
  ] as const;
});

function graphOf(lines: Iterable<string>): CommunicationGraph {
  return resolve(learnLines(lines).observations).graph;
}

function plainEdges({ edges }: CommunicationGraph): string[] {
  return edges
    .filter(({ client, server, port }) => client.kind !== "entity" && server.kind !== "entity" && port !== undefined)
    .map(({ client, server, protocol, port }) => `${peerName(client)} -> ${peerName(server)} ${protocol} ${port}`);
}

/**
 * What the records tell beyond doubt: who asks is always told, and pods are named, not Services. A single connection
 * between two ephemeral ports of which replies are called requests stays in quarantine.
 */
function tellable({ profile, truth }: Simulation): string[] {
  if (profile.isReply !== "right" || profile.services === "kube-proxy") return [];
  return truth.edges.filter(({ port }) => profile.wrongReplies === 0 || port < 32_768).map(edgeName);
}

describe("a cluster under any profile", () => {
  it.each(SIMULATIONS)("is learned as it is, and proved (%s)", (_, run) => {
    const simulation = run();
    const { truth, lines } = simulation;
    const graph = graphOf(lines);
    const learned = plainEdges(graph);
    const real = truth.edges.map(edgeName);
    expect(learned.filter((name) => !real.includes(name))).toEqual([]);
    expect(tellable(simulation).filter((name) => !learned.includes(name))).toEqual([]);

    const tight = { unobserved: "deny", defaultDeny: true, systemNamespaces: true } as const;
    for (const options of [{}, tight]) {
      const proof = prove(graph, manifestsOf(policiesOf(graph, options)));
      expect(proof).toMatchObject({ cut: [], needless: [], allowed: proof.checked });
    }
    // With policies on every end, what was refused and never took place stays refused.
    const refused = truth.denied.map(edgeName).filter((name) => !real.includes(name));
    const through = prove(graph, manifestsOf(policiesOf(graph, tight)))
      .unused.map(({ client, server, protocol, port }) => `${client} -> ${server} ${protocol} ${port}`)
      .filter((name) => refused.includes(name));
    expect(through).toEqual([]);
  });

  it.each(SIMULATIONS)("is the same whatever the order, the copies and the pieces of its records (%s)", (_, run) => {
    const { lines } = run();
    const learned = learnLines(lines);
    const { graph } = resolve(learned.observations);
    const yaml = yamlOf(policiesOf(graph));
    for (const other of [shuffle(lines, 1), duplicate(lines, 2, 2)]) {
      const again = graphOf(other);
      expect({ ...again, facts: graph.facts }).toEqual(graph);
      expect(yamlOf(policiesOf(again))).toBe(yaml);
    }
    const merged = new Learner();
    for (const piece of split(shuffle(lines, 3), 3).toReversed()) {
      const part = learnLines(piece);
      mergeSnapshot(
        merged,
        printSnapshot(part, { graph: resolve(part.observations).graph, access: undefined }),
        "piece",
      );
    }
    expect(printSnapshot(merged, { graph: resolve(merged.observations).graph, access: undefined })).toBe(
      printSnapshot(learned, { graph: graph, access: undefined }),
    );
  });
});
