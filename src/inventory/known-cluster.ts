import { some } from "../lib/some.ts";
import type { Directory } from "../model/directory.ts";
import type { Finding } from "../model/finding.ts";
import type { Inferred } from "../model/inferred.ts";
import type { NetworkPolicy } from "../model/manifest.ts";
import type { ManifestObject } from "../model/manifest-object.ts";
import type { ClusterProgress } from "./cluster/read-kind.ts";
import { readDirectory } from "./directory/directory.ts";
import { inferTraffic } from "./inferred/infer.ts";
import { problemFinding } from "./manifests/problem-finding.ts";
import { type ReadOptions, readManifests } from "./manifests/read-manifests.ts";
import { existingPolicies } from "./policies.ts";
import { prunedValue } from "./prune.ts";
import { type LiveSources, readLive } from "./read-live.ts";
import { writtenNames } from "./written-names.ts";

/** Everything that the cluster's own objects say, wherever they were read. */
export interface KnownCluster {
  readonly directory: Directory;
  /** The traffic that they promise. */
  readonly inferred: Inferred;
  /** In force, in no particular state: whether the API server would take them is for the evaluator to say. */
  readonly policies: readonly NetworkPolicy[];
  readonly counts: ObjectCounts;
  /** Objects that somebody wrote: see {@link writtenNames}. */
  readonly writtenNames: ReadonlySet<string>;
  /** About objects that can't be read, don't fit together, or are not evaluated. */
  readonly findings: readonly Finding[];
}

/** How much was read. */
export interface ObjectCounts {
  readonly objects: number;
  readonly workloads: number;
  readonly services: number;
  readonly policies: number;
}

/** Where the cluster's objects are. */
export interface ClusterSources extends LiveSources {
  /** Files and directories, relative to the working directory or absolute; `-` for standard input. */
  readonly manifests: readonly string[];
}

/** What reading needs of the process. */
export interface ClusterReading extends Omit<ReadOptions, "namespace"> {
  readonly progress?: (progress: ClusterProgress) => void;
}

/**
 * Reads what the cluster's objects say: manifests, dumps and the cluster itself, in any order the same.
 *
 * @throws NetlearnError `NETLEARN_INPUT_MISSING` when a given path is not there; as `readCluster` when the cluster can't
 *   be read
 */
export async function readKnownCluster(sources: ClusterSources, reading: ClusterReading): Promise<KnownCluster> {
  const { objects, problems } = await readManifests(sources.manifests, {
    ...reading,
    namespace: "default",
    prune: prunedValue,
  });
  const live = await readLive(sources, reading, { prune: prunedValue });
  return {
    ...knownCluster([...objects, ...live.objects], [...problems.map(problemFinding), ...live.notices]),
    writtenNames: writtenNames(objects),
  };
}

/** What all these objects say, in any order the same. */
function knownCluster(
  objects: readonly ManifestObject[],
  findings: readonly Finding[],
): Omit<KnownCluster, "writtenNames"> {
  const { networkPolicies, otherEngines } = existingPolicies(objects);
  const { directory, findings: mismatches } = readDirectory(objects);
  return {
    directory,
    inferred: inferTraffic(objects, directory),
    counts: {
      objects: objects.length,
      workloads: directory.workloads.length,
      services: directory.services.length,
      policies: networkPolicies.length,
    },
    // The boundary: what a file holds is a NetworkPolicy if the evaluator finds nothing wrong with it.
    policies: networkPolicies.map(({ value }) => value as unknown as NetworkPolicy),
    findings: [...findings, ...mismatches, ...otherEngineFindings(otherEngines)],
  };
}

function otherEngineFindings(objects: readonly ManifestObject[]): readonly Finding[] {
  if (objects.length === 0) return [];
  const names = objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name ?? ""}`).toSorted();
  return [
    {
      code: "other-engine",
      severity: "info",
      about: undefined,
      message: `Policies of other kinds are in force and are not evaluated: ${some(names)}. They may allow or refuse what NetworkPolicies do not.`,
      choice: "Keep in mind that the proof is about NetworkPolicies alone.",
    },
  ];
}
