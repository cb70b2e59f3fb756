import { resolve } from "../../src/graph/resolve.ts";
import { directoryOf } from "../../src/inventory/directory/directory.ts";
import type { Directory, KnownWorkloads } from "../../src/model/directory.ts";
import type { CommunicationGraph } from "../../src/model/graph.ts";
import type { ManifestObject } from "../../src/model/manifest-object.ts";
import { manifest } from "../inventory/directory/objects.ts";
import { learnLines } from "./read-lines.ts";
import { clusterObjects, type Simulation, type World } from "./simulator/index.ts";

/** Dumps of a simulated cluster, one at the start of its window, one at its end, and some between. */
export function dumpsOf(world: World, { population, connections }: Simulation, count = 5): readonly ManifestObject[] {
  const times = connections.map(({ time }) => time);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return Array.from({ length: count }, (_, index) => {
    const at = first + ((last - first) * index) / Math.max(1, count - 1);
    return clusterObjects(world, population, { at }).map((value) => manifest({ ...value }, `dump${index}.json`));
  }).flat();
}

/** What was learned from a simulation's records with the cluster's objects beside them. */
export interface KnownGraph {
  readonly graph: CommunicationGraph;
  readonly known: KnownWorkloads;
  readonly directory: Directory;
}

/** Learns from the records of a simulation with objects of its cluster. */
export function learnKnown({ lines }: Pick<Simulation, "lines">, objects: readonly ManifestObject[]): KnownGraph {
  const directory = directoryOf(objects);
  const { graph, known } = resolve(learnLines(lines).observations, { directory });
  return { graph, known, directory };
}
