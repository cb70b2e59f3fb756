import { describe, expect, it } from "vitest";
import { prove } from "../../src/evaluator/proof.ts";
import { Learner } from "../../src/graph/learner.ts";
import { mergeSnapshot } from "../../src/graph/merge-snapshot.ts";
import { resolve } from "../../src/graph/resolve.ts";
import { printSnapshot } from "../../src/graph/snapshot.ts";
import type { CommunicationGraph } from "../../src/model/graph.ts";
import { peerName } from "../../src/model/peer.ts";
import { edgeText, manifestsOf, policiesOf, yamlOf } from "../support/flow-record.ts";
import { isClosed, type PodVerdict, podVerdicts } from "../support/pod-verdicts.ts";
import { learnLines } from "../support/read-lines.ts";
import {
  duplicate,
  edgeName,
  FIELD_MASKS,
  PROFILES,
  type Profile,
  randomWorld,
  type Simulation,
  shop,
  shuffle,
  simulate,
  split,
  type World,
} from "../support/simulator/index.ts";

const WORLDS: readonly (readonly [string, World])[] = [
  ["the shop", shop()],
  ["world 1", randomWorld(1, 20)],
  ["world 2", randomWorld(2, 14)],
];

const CASES: readonly (readonly [string, Partial<Profile>, string, World])[] = Object.entries(PROFILES).flatMap(
  ([name, profile]) => WORLDS.map(([worldName, world]) => [name, profile, worldName, world] as const),
);

function graphOfLines(lines: Iterable<string>): CommunicationGraph {
  return resolve(learnLines(lines).observations).graph;
}

/** Edges between workloads and addresses outside, in the words of the truth. */
function plainEdges(graph: CommunicationGraph): string[] {
  return graph.edges
    .filter(({ client, server, port }) => client.kind !== "entity" && server.kind !== "entity" && port !== undefined)
    .map(({ client, server, protocol, port }) => `${peerName(client)} -> ${peerName(server)} ${protocol} ${port}`);
}

/** What can be learned under a profile (test/support/simulator/README.md). */
function learnable({ truth, connections, profile }: Simulation): string[] {
  const lasting = new Set(
    connections.filter(({ life }) => life !== "short").map((one) => `${one.server.ip} ${one.protocol} ${one.port}`),
  );
  const shortLived = new Set(connections.filter(({ life }) => life === "short").map(connectionName));
  const lost = ({ protocol }: { protocol: string }, name: string): boolean => {
    if (profile.isReply !== "right") return protocol !== "TCP" || !shortLived.has(name);
    return profile.services === "kube-proxy" && !shortLived.has(name) && lasting.size > 0;
  };
  return truth.edges.filter((one) => !lost(one, edgeName(one))).map(edgeName);
}

function verdictName({ connection }: PodVerdict): string {
  return connectionName(connection);
}

function connectionName({ client, server, protocol, port }: Simulation["connections"][number]): string {
  const name = (end: typeof client): string => {
    if (end.kind === "pod") return `${end.pod.workload.namespace}/${end.pod.workload.name}`;
    return end.kind === "external" ? end.ip : `${end.entity}(${end.ip})`;
  };
  return `${name(client)} -> ${name(server)} ${protocol} ${port}`;
}

describe("a simulated cluster, learned", () => {
  it.each(CASES)("loses no true edge and makes no false one (%s)", (_, profile, __, world) => {
    const simulation = simulate(world, { seed: 7, hours: 2, ...profile });
    const learned = plainEdges(graphOfLines(simulation.lines));
    expect(learnable(simulation).filter((name) => !learned.includes(name))).toEqual([]);
    const truth = new Set(simulation.truth.edges.map(edgeName));
    expect(learned.filter((name) => !truth.has(name))).toEqual([]);
  });

  it.each(CASES)(
    "is proved: nothing cut, nothing needless, nothing refused let through (%s)",
    (_, profile, __, world) => {
      const simulation = simulate(world, { seed: 8, hours: 2, ...profile });
      const graph = graphOfLines(simulation.lines);
      const policies = manifestsOf(policiesOf(graph));
      const proof = prove(graph, policies);
      expect(proof.cut).toEqual([]);
      expect(proof.needless).toEqual([]);
      expect(proof.allowed).toBe(proof.checked);
      expect(proof.checked).toBeGreaterThan(0);
      const seen = new Set(graph.edges.map(edgeText));
      const unseen = proof.unused.filter(({ client, server, port, protocol }) =>
        graph.denied.some(
          (denied) => !seen.has(edgeText(denied)) && edgeText(denied) === `${client} -> ${server} ${port}/${protocol}`,
        ),
      );
      expect(unseen).toEqual([]);
    },
  );

  it.each(CASES)(
    "passes pod by pod where it was learned, and where it was refused meets no closed end that lets it in (%s)",
    (_, profile, __, world) => {
      const simulation = simulate(world, { seed: 14, hours: 2, ...profile });
      const graph = graphOfLines(simulation.lines);
      const learned = new Set(plainEdges(graph));
      const took = new Set(simulation.truth.edges.map(edgeName));
      const refused = new Set(simulation.truth.denied.map(edgeName).filter((name) => !took.has(name)));
      for (const options of [{}, { unobserved: "deny", defaultDeny: true, systemNamespaces: true }] as const) {
        const policies = manifestsOf(policiesOf(graph, options));
        const passing = podVerdicts(simulation, policies, (one) => learned.has(connectionName(one)));
        expect(passing.length).toBeGreaterThan(10);
        expect(passing.filter(({ verdict }) => verdict.verdict !== "allowed").map(verdictName)).toEqual([]);
        const attempts = podVerdicts(simulation, policies, (one) => refused.has(connectionName(one)));
        expect(attempts.length === 0).toBe(refused.size === 0);
        const leaking = attempts.filter(
          ({ verdict: { verdict, ingress, egress } }) =>
            verdict !== "denied" && (isClosed(ingress) || isClosed(egress)),
        );
        expect(leaking.map(verdictName)).toEqual([]);
      }
    },
  );

  it.each(Object.entries(FIELD_MASKS))(
    "grants nothing that a policy refused under the field mask %s",
    (_, fieldMask) => {
      for (const [, world] of WORLDS) {
        const simulation = simulate(world, { seed: 9, hours: 2, fieldMask });
        const granted = new Set(plainEdges(graphOfLines(simulation.lines)));
        const took = new Set(simulation.truth.edges.map(edgeName));
        expect(simulation.truth.denied.map(edgeName).filter((name) => !took.has(name) && granted.has(name))).toEqual(
          [],
        );
      }
    },
  );
});

describe("the order and number of records", () => {
  it.each(CASES)("changes neither the graph nor a byte of the policies (%s)", (_, profile, __, world) => {
    const { lines } = simulate(world, { seed: 10, hours: 1, ...profile });
    const graph = graphOfLines(lines);
    const yaml = yamlOf(policiesOf(graph));
    for (const other of [shuffle(lines, 1), duplicate(lines, 3, 2)]) {
      const again = graphOfLines(other);
      expect({ ...again, facts: graph.facts }).toEqual(graph);
      expect(yamlOf(policiesOf(again))).toBe(yaml);
    }
  });

  it.each(WORLDS)("is as good in pieces whose snapshots are merged in any order (%s)", (_, world) => {
    for (const profile of [{}, PROFILES["wrong is_reply"], PROFILES["retina"]]) {
      const { lines } = simulate(world, { seed: 11, hours: 2, ...profile });
      const learned = learnLines(lines);
      const whole = resolve(learned.observations).graph;
      const snapshot = printSnapshot(learned, { graph: whole, access: undefined });
      const pieces = split(lines, 3).map((part) => {
        const piece = learnLines(part);
        return printSnapshot(piece, { graph: resolve(piece.observations).graph, access: undefined });
      });
      for (const order of [
        [0, 1, 2],
        [2, 0, 1],
        [1, 2, 0],
      ]) {
        const merged = new Learner();
        for (const index of order) mergeSnapshot(merged, pieces[index] ?? "", `piece ${index}`);
        const { graph } = resolve(merged.observations);
        expect(graph).toEqual(whole);
        expect(printSnapshot(merged, { graph: graph, access: undefined })).toBe(snapshot);
      }
    }
  });

  it.each(WORLDS)("never makes an edge by leaving records out, unless it was refuted by them (%s)", (_, world) => {
    const { lines, truth } = simulate(world, { seed: 12, hours: 2 });
    const real = new Set([...truth.edges, ...truth.denied].map(edgeName));
    for (let from = 0; from < 6; from++) {
      const some = plainEdges(graphOfLines(lines.filter((__, index) => index % 6 !== from)));
      expect(some.filter((name) => !real.has(name))).toEqual([]);
    }
  });
});

describe("a planted fault", () => {
  const graph = graphOfLines(simulate(shop(), { seed: 13, hours: 2 }).lines);
  const set = policiesOf(graph);

  it("that leaves one rule out of a policy cuts an edge that was seen, whichever rule it is", () => {
    const manifests = manifestsOf(set);
    let planted = 0;
    for (const [at, manifest] of manifests.entries()) {
      for (const direction of ["ingress", "egress"] as const) {
        for (const [index] of (manifest.spec[direction] ?? []).entries()) {
          const rules = (manifest.spec[direction] ?? []).filter((_, other) => other !== index);
          const faulty = manifests.with(at, { ...manifest, spec: { ...manifest.spec, [direction]: rules } });
          expect(prove(graph, faulty).cut, `${manifest.metadata.name} ${direction} ${index}`).not.toEqual([]);
          planted++;
        }
      }
    }
    expect(planted).toBeGreaterThan(5);
  });

  it("that widens a peer to every pod of its namespace lets unseen pairs through", () => {
    const manifests = manifestsOf(set);
    const before = prove(graph, manifests).unused.length;
    const widened = manifests.map((manifest) => ({
      ...manifest,
      spec: {
        ...manifest.spec,
        ...(manifest.spec.ingress === undefined
          ? {}
          : {
              ingress: manifest.spec.ingress.map(({ ports }) => ({
                from: [{ podSelector: {} }],
                ...(ports && { ports }),
              })),
            }),
        ...(manifest.spec.egress === undefined ? {} : { egress: [{}] }),
      },
    }));
    expect(prove(graph, widened).unused.length).toBeGreaterThan(before);
  });
});
