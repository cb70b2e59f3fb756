import type { Readable } from "node:stream";
import { some } from "../lib/wording.ts";
import type { Directory } from "../model/directory.ts";
import type { Finding } from "../model/finding.ts";
import type { NetworkPolicy } from "../model/manifest.ts";
import type { ManifestObject } from "../model/manifest-object.ts";
import { directoryOf } from "./directory/directory.ts";
import { inventoryOf } from "./manifests/inventory.ts";
import type { ManifestProblem } from "./manifests/manifest-problem.ts";
import { readManifests } from "./manifests/read-manifests.ts";

/** Everything that the cluster's own objects say, wherever they were read. */
export interface KnownCluster {
  readonly directory: Directory;
  /** In force, in no particular state: whether the API server would take them is for the evaluator to say. */
  readonly policies: readonly NetworkPolicy[];
  readonly counts: ObjectCounts;
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
  const { policies, otherEngines } = inventoryOf(objects);
  const directory = directoryOf(objects);
  return {
    directory,
    counts: {
      objects: objects.length,
      workloads: directory.workloads.length,
      services: directory.services.length,
      policies: policies.length,
    },
    // The boundary: what a file holds is a NetworkPolicy if the evaluator finds nothing wrong with it.
    policies: policies.map(({ value }) => value as unknown as NetworkPolicy),
    findings: [...problems.map(problemFinding), ...otherEngineFindings(otherEngines)],
  };
}

/** What could not be read is lost to every decision: that must not go unseen. */
function problemFinding({ code, file, line, message, choice }: ManifestProblem): Finding {
  const severity = code === "directory-loop" ? "info" : code === "template-not-rendered" ? "warning" : "error";
  return { code, severity, about: undefined, message: `${file}:${line}: ${message}.`, choice };
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
