import { describe, expect, it } from "vitest";
import { factsThatBreakIt } from "../../src/confidence/index.ts";
import { prove } from "../../src/evaluator/proof.ts";
import { resolve } from "../../src/graph/resolve.ts";
import type { CommunicationGraph } from "../../src/model/graph.ts";
import { manifestsOf, policiesOf } from "../support/flow-record.ts";
import { learnLines } from "../support/read-lines.ts";
import {
  edgeName,
  FIELD_MASKS,
  randomWorld,
  type Simulation,
  shop,
  simulate,
  type World,
} from "../support/simulator/index.ts";

const WORLDS: readonly (readonly [string, World])[] = [
  ["the shop", shop()],
  ["world 3", randomWorld(3, 16)],
  ["world 4", randomWorld(4, 22)],
];

const CASES = (Object.keys(FIELD_MASKS) as (keyof typeof FIELD_MASKS)[]).flatMap((mask) =>
  WORLDS.flatMap(([name, world]) => (["overlay", "native"] as const).map((path) => [mask, name, path, world] as const)),
);

function learned(simulation: Simulation): CommunicationGraph {
  return resolve(learnLines(simulation.lines).observations).graph;
}

function namesOf(graph: CommunicationGraph): string[] {
  return graph.edges
    .filter(({ port }) => port !== undefined)
    .map(({ client, server, protocol, port }) => {
      const name = (peer: typeof client): string => {
        if (peer.kind === "workload") return peer.workload;
        return peer.kind === "external" ? peer.address : `${peer.entity}(${peer.address})`;
      };
      return `${name(client)} -> ${name(server)} ${protocol} ${port}`;
    });
}

/** Nodes go by several names in records; where they are is certain. */
function withoutEntity(name: string): string {
  return name.replaceAll(/(host|remote-node|kube-apiserver)\(/g, "node(");
}

describe("an export under a field mask", () => {
  it.each(CASES)(
    "takes no node for somebody outside, and no pod for a node (%s, %s, %s)",
    (mask, _, datapath, world) => {
      const simulation = simulate(world, { seed: 21, hours: 2, datapath, fieldMask: FIELD_MASKS[mask] });
      const { edges, entities } = simulation.truth;
      const real = new Set([...edges.map(edgeName), ...entities.map(edgeName)].map(withoutEntity));
      expect(namesOf(learned(simulation)).filter((name) => !real.has(withoutEntity(name)))).toEqual([]);
    },
  );

  it.each(CASES)("gives policies that cut nothing of what was seen (%s, %s, %s)", (mask, _, datapath, world) => {
    const simulation = simulate(world, { seed: 22, hours: 2, datapath, fieldMask: FIELD_MASKS[mask] });
    const graph = learned(simulation);
    for (const unobserved of ["open", "deny"] as const) {
      const proof = prove(graph, manifestsOf(policiesOf(graph, { unobserved })));
      expect(proof).toMatchObject({ cut: [], needless: [] });
      expect(proof.checked).toBeGreaterThan(10);
    }
  });

  it("without labels loses no edge: pod names and identities tell who is who", () => {
    for (const [, world] of WORLDS) {
      const simulation = simulate(world, { seed: 23, hours: 2, fieldMask: FIELD_MASKS.labelless });
      const found = new Set(namesOf(learned(simulation)));
      expect(simulation.truth.edges.map(edgeName).filter((name) => !found.has(name))).toEqual([]);
    }
  });

  it("says that the labels are missing, although identities name the nodes", () => {
    const graph = learned(simulate(shop(), { seed: 24, hours: 2, fieldMask: FIELD_MASKS.labelless }));
    expect(factsThatBreakIt(graph).map(({ code }) => code)).toContain("exporter-without-labels");
    const whole = learned(simulate(shop(), { seed: 24, hours: 2 }));
    expect(factsThatBreakIt(whole).map(({ code }) => code)).not.toContain("exporter-without-labels");
  });
});
