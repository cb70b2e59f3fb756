import { describe, expect, it } from "vitest";
import { directoryOf, readDirectory } from "../../../src/inventory/directory/directory.ts";
import { prunedValue } from "../../../src/inventory/prune.ts";
import type { Directory, KnownWorkload } from "../../../src/model/directory.ts";
import { CLUSTERS, restless } from "../../simulator/read-objects.ts";
import { dumpsOf } from "../../support/known-world.ts";
import type { Connection, End, Pod, Simulation, World } from "../../support/simulator/index.ts";
import { clue } from "./objects.ts";

/** A cluster whose pods come and go, and the directory of some dumps of it. */
interface Known {
  readonly world: World;
  readonly simulation: Simulation;
  readonly directory: Directory;
}

function known(world: World, dumps: number): Known {
  const simulation = restless(world);
  return { world, simulation, directory: directoryOf(dumpsOf(world, simulation, dumps)) };
}

function nameOf(found: KnownWorkload | "ambiguous" | undefined): string | undefined {
  return typeof found === "object" ? `${found.kind} ${found.namespace}/${found.name}` : found;
}

function trueName({ workload }: Pod): string {
  return `${workload.kind} ${workload.namespace}/${workload.name}`;
}

/** Ends that are pods with an address of their own, with the time of the connection in milliseconds. */
function podEnds(connections: readonly Connection[]): readonly (readonly [pod: Pod, ip: string, time: number])[] {
  return connections.flatMap(({ client, server, time }) =>
    [client, server].flatMap((end: End) =>
      end.kind === "pod" && end.pod.workload.hostNetwork !== true ? [[end.pod, end.ip, time / 1000] as const] : [],
    ),
  );
}

function workloadsOf({ workloads }: World): readonly string[] {
  return workloads.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
}

describe.each(CLUSTERS)("the directory of %s", (_name, world) => {
  const { simulation, directory } = known(world, 8);

  it("has each workload once, with the labels and the account of its template", () => {
    const names = directory.workloads.map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    expect(workloadsOf(world).filter((name) => !names.includes(name))).toEqual([]);
    for (const { kind, namespace, name, labels, serviceAccount } of world.workloads) {
      const found = directory.workloads.find((one) => nameOf(one) === `${kind} ${namespace}/${name}`);
      expect(found).toMatchObject({ labels, serviceAccount, variants: [] });
    }
  });

  it("knows who held an address, or says that it does not", () => {
    const ends = podEnds(simulation.connections);
    let met = 0;
    for (const [pod, ip, time] of ends) {
      const holder = directory.holderOf(ip, { first: time, last: time });
      if (holder?.kind === "workload") {
        expect(nameOf(holder.workload)).toBe(trueName(pod));
        met += 1;
      } else {
        // Its pod came and went between two dumps, or another had the address within the slack of clocks.
        expect(["ambiguous", "unknown-pod"]).toContain(holder?.kind);
      }
    }
    expect(met / ends.length).toBeGreaterThan(0.9);
  });

  it("knows each pod by its name and labels, also those that no dump shows", () => {
    const pods = [...simulation.population.values()].flat();
    for (const pod of pods) {
      const { namespace, labels } = pod.workload;
      expect(nameOf(directory.workloadOf(clue(pod.name, { namespace, labels })))).toBe(trueName(pod));
    }
  });

  it("knows each node's addresses", () => {
    for (const { ip, name } of world.nodes) {
      expect(directory.holderOf(ip, { first: undefined, last: undefined })).toEqual({ kind: "node", node: name });
    }
  });

  it("leads from a Service's port to the ports at which the world's edges meet its pods", () => {
    for (const service of world.services) {
      const found = directory.serviceNamed(`${service.namespace}/${service.name}`);
      if (service.type === "ExternalName") {
        expect(found?.ports.flatMap(({ backends }) => backends)).toEqual([]);
        continue;
      }
      for (const { port, protocol, targetPort, targetName } of service.ports) {
        const own = found?.ports.find((one) => one.port === port && one.protocol === protocol);
        const unresolved = own?.unresolved.flatMap((one) => one.ports.map(({ name }) => name));
        expect(unresolved).not.toContain(targetName ?? "a number");
        const ports = own?.backends.map((backend) =>
          backend.kind === "workload"
            ? `${backend.workload.name} ${backend.port}`
            : `${backend.address} ${backend.port}`,
        );
        if (service.endpoints === undefined) expect(ports).toContain(`${service.workload} ${targetPort}`);
        else expect(ports).toEqual(service.endpoints.map((address) => `${address} ${targetPort}`).toSorted());
      }
    }
  });

  it("is the same from pruned objects, in any order", () => {
    const dumps = dumpsOf(world, simulation, 3);
    const plain = readDirectory(dumps);
    const pruned = readDirectory(dumps.toReversed().map((object) => ({ ...object, value: prunedValue(object.value) })));
    const { workloads, services, namespaces, apiServers, nodeLocalAddresses } = pruned.directory;
    expect(plain.directory).toMatchObject({ workloads, services, namespaces, apiServers, nodeLocalAddresses });
    expect(pruned.findings).toEqual(plain.findings);
  });
});
