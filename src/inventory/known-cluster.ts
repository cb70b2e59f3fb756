import type { Readable } from "node:stream";
import type { Directory } from "../model/directory.ts";
import type { Finding, Severity } from "../model/finding.ts";
import type { NetworkPolicy } from "../model/manifest.ts";
import { directoryOf } from "./directory/directory.ts";
import { inventoryOf } from "./manifests/inventory.ts";
import type { ManifestProblem } from "./manifests/manifest-problem.ts";
import { readManifests } from "./manifests/read-manifests.ts";

/** Everything that the cluster's own objects say, wherever they were read. */
export interface KnownCluster {
  readonly directory: Directory;
  /** In force, in no particular state: whether the API server would take them is for the evaluator to say. */
  readonly policies: readonly NetworkPolicy[];
  /** About objects that can't be read, don't fit together, or are not evaluated. */
  readonly findings: readonly Finding[];
}

/** Where the cluster's objects are. */
export interface ClusterSources {
  /** Files and directories, relative to the working directory or absolute; `-` for standard input. */
  readonly manifests: readonly string[];
}

/**
 * Reads what the cluster's objects say, once.
 *
 * @throws NetlearnError `NETLEARN_INPUT_MISSING` when a given path is not there
 */
export async function readKnownCluster(
  { manifests: paths }: ClusterSources,
  { stdin, signal }: { readonly stdin: Readable; readonly signal?: AbortSignal },
): Promise<KnownCluster> {
  const reading = { cwd: process.cwd(), namespace: "default", stdin, signal: signal ?? new AbortController().signal };
  const { objects, problems } = await readManifests(paths, reading);
  const { directory, findings } = directoryOf(objects);
  const { policies, otherEngines } = inventoryOf(objects);
  return {
    directory,
    // The boundary: what a file holds is a NetworkPolicy if the evaluator finds nothing wrong with it.
    policies: policies.map(({ value }) => value as unknown as NetworkPolicy),
    findings: [...problems.map(problemFinding), ...otherEngineFindings(otherEngines), ...findings],
  };
}
