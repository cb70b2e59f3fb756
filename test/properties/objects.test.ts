import { describe, expect, it } from "vitest";
import { prove } from "../../src/evaluator/proof.ts";
import type { CommunicationGraph, Edge, Labels } from "../../src/model/graph.ts";
import { isRunTimeLabel } from "../../src/model/labels.ts";
import { peerName } from "../../src/model/peer.ts";
import type { PolicySet } from "../../src/model/policy-set.ts";
import { DEFAULT_SYNTHESIS } from "../../src/synthesizer/network/options.ts";
import { synthesize } from "../../src/synthesizer/network/synthesize.ts";
import { manifestsOf, yamlOf } from "../support/flow-record.ts";
import { dumpsOf, type KnownGraph, learnKnown } from "../support/known-world.ts";
import { podVerdicts } from "../support/pod-verdicts.ts";
import {
  edgeName,
  OBJECT_PROFILES,
  OBJECT_WORLDS,
  type Profile,
  randomCluster,
  type Simulation,
  simulate,
  type World,
} from "../support/simulator/index.ts";

const WORLDS: readonly (readonly [string, World])[] = [
  ...Object.entries(OBJECT_WORLDS),
  ["random cluster 1", randomCluster(1, 20)],
  ["random cluster 2", randomCluster(2, 14)],
];

const PROFILES: Readonly<Record<string, Partial<Profile>>> = { default: {}, ...OBJECT_PROFILES };

const CASES = Object.entries(PROFILES).flatMap(([name, profile]) =>
  WORLDS.map(([worldName, world]) => [name, worldName, profile, world] as const),
);

interface Learned extends KnownGraph {
  readonly simulation: Simulation;
  readonly policies: PolicySet;
}

function learnCluster(world: World, profile: Partial<Profile>, seed: number): Learned {
  const simulation = simulate(world, { seed, hours: 2, ...profile });
  const learned = learnKnown(simulation, dumpsOf(world, simulation));
  return { ...learned, simulation, policies: synthesize(learned.graph, DEFAULT_SYNTHESIS, learned.known) };
}

/** Edges between workloads and addresses outside. */
function plainEdges(graph: CommunicationGraph): readonly Edge[] {
  return graph.edges.filter(
    ({ client, server, port }) => client.kind !== "entity" && server.kind !== "entity" && port !== undefined,
  );
}

function nameOf({ client, server, protocol, port }: Edge): string {
  return `${peerName(client)} -> ${peerName(server)} ${protocol} ${port}`;
}

/** Pods of nobody can tell which of two workloads: nothing about them may be learned, and nothing wrong either. */
function isUntellable(name: string): boolean {
  return name.includes("mirrors/");
}

describe("a simulated cluster, learned with its objects", () => {
  it.each(CASES)("loses no true edge and makes none that no Service explains (%s, %s)", (_, __, profile, world) => {
    const { graph, simulation } = learnCluster(world, profile, 7);
    const learned = plainEdges(graph);
    const truth = new Set(simulation.truth.edges.map(edgeName));
    const found = new Set(learned.map(nameOf));
    expect([...truth].filter((name) => !found.has(name) && !isUntellable(name))).toEqual([]);
    const others = learned.filter((edge) => !truth.has(nameOf(edge)) && (edge.services ?? []).length === 0);
    expect(others.map(nameOf)).toEqual([]);
    expect(learned.length).toBeGreaterThan(0);
  });

  it.each(CASES)("has no edge on a Service's port (%s, %s)", (_, __, profile, world) => {
    const { graph, directory, simulation } = learnCluster(world, profile, 8);
    const addresses = new Set(directory.services.flatMap((service) => service.addresses));
    expect(addresses.size).toBeGreaterThan(0);
    const servers = graph.edges.map(({ server }) => peerName(server));
    expect(servers.filter((server) => addresses.has(server))).toEqual([]);
    const podPorts = new Set(simulation.connections.map(({ port }) => port));
    expect(
      plainEdges(graph).filter(({ port, services = [] }) => services.length === 0 && !podPorts.has(port ?? 0)),
    ).toEqual([]);
  });

  it.each(CASES)(
    "gets policies whose selectors last and match the pods they are meant for (%s, %s)",
    (_, worldName, profile, world) => {
      const { policies, simulation } = learnCluster(world, profile, 9);
      const shared = new Set(
        policies.findings.filter(({ code }) => code === "selector-shared").map(({ about }) => about),
      );
      const pods = [...simulation.population].flatMap(([workload, all]) =>
        all.map((one) => ({ workload, labels: { ...one.workload.labels, ...one.runtimeLabels } })),
      );
      // Nothing but nodes and the API server calls there: every direction stays open.
      expect(policies.policies.length > 0).toBe(worldName !== "callers");
      for (const { namespace, selector, workloads } of policies.policies) {
        expect(Object.keys(selector).filter(isRunTimeLabel)).toEqual([]);
        const matched = pods.filter(
          ({ workload, labels }) => workload.startsWith(`${namespace}/`) && hasAll(labels, selector),
        );
        const strangers = matched.filter(({ workload }) => !workloads.includes(workload));
        if (!workloads.some((workload) => shared.has(workload))) expect(strangers).toEqual([]);
      }
    },
  );

  it.each(CASES)("is proved, and lets through pod by pod what took place (%s, %s)", (_, __, profile, world) => {
    const { graph, policies, simulation } = learnCluster(world, profile, 10);
    const manifests = manifestsOf(policies);
    const proof = prove(graph, manifests);
    expect(proof.cut).toEqual([]);
    expect(proof.needless).toEqual([]);
    const learned = new Set(plainEdges(graph).map(nameOf));
    const verdicts = podVerdicts(simulation, manifests, (one) => learned.has(connectionName(one)));
    expect(verdicts.length).toBeGreaterThan(0);
    expect(verdicts.filter(({ verdict }) => verdict.verdict !== "allowed")).toEqual([]);
  });

  it.each(WORLDS)("is the same whatever the order of its objects (%s)", (_, world) => {
    const simulation = simulate(world, { seed: 11, hours: 2, services: "kube-proxy", serviceNames: false });
    const objects = dumpsOf(world, simulation);
    const [once, again] = [objects, objects.toReversed()].map((some) => {
      const { graph, known } = learnKnown(simulation, some);
      return { graph, yaml: yamlOf(synthesize(graph, DEFAULT_SYNTHESIS, known)) };
    });
    expect(again).toEqual(once);
  });
});

function hasAll(labels: Labels, selector: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function connectionName({ client, server, protocol, port }: Simulation["connections"][number]): string {
  const name = (end: typeof client): string => {
    if (end.kind === "pod") return `${end.pod.workload.namespace}/${end.pod.workload.name}`;
    return end.kind === "external" ? end.ip : `${end.entity}(${end.ip})`;
  };
  return `${name(client)} -> ${name(server)} ${protocol} ${port}`;
}

describe("policies of workloads that change all the time", () => {
  it("stay byte-identical: a StatefulSet, a CronJob over its ticks, a Deployment across a rollout, an Argo Rollout", () => {
    const world = OBJECT_WORLDS.controllers;
    const starts = ["2026-03-04T06:00:00Z", "2026-03-05T14:00:00Z", "2026-03-10T22:00:00Z"];
    const yamls = starts.flatMap((start, index) => {
      const simulation = simulate(world, { seed: `window ${index}`, hours: 4, start });
      // What a dump shows depends on the moment: before, in the middle of and after the rollouts.
      return [1, 2, 3].map((count) => {
        const { graph, known } = learnKnown(simulation, dumpsOf(world, simulation, count));
        return yamlOf(synthesize(graph, DEFAULT_SYNTHESIS, known));
      });
    });
    expect(yamls[0]).toContain("works");
    for (const name of ["canary", "front", "store", "tick"]) expect(yamls[0]).toContain(`netlearn-${name}`);
    expect(new Set(yamls).size).toBe(1);
  });
});

describe("names and numbers of ports", () => {
  it("of OpenShift's DNS: Service 53 gives the pods' 5353", () => {
    const profile = { services: "kube-proxy", serviceNames: false } as const;
    const { policies } = learnCluster(OBJECT_WORLDS.openshift, profile, 12);
    const yaml = yamlOf(policies);
    expect(yaml).toContain("port: 5353");
    expect(yaml).not.toContain("port: 53\n");
  });

  it("of a Service whose pods give its named port different numbers: both are allowed", () => {
    const world = OBJECT_WORLDS["named ports"];
    const profile = { services: "kube-proxy", serviceNames: false } as const;
    const { graph } = learnCluster(world, profile, 13);
    const called = graph.edges.filter(({ services = [] }) => services.includes("colours/web:80")).map(nameOf);
    expect(called).toContain("colours/painter -> colours/web-blue TCP 8080");
    expect(called).toContain("colours/painter -> colours/web-green TCP 9000");
  });
});
