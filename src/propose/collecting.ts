import { by } from "../lib/sort.ts";
import type { KnownWorkload } from "../model/directory.ts";
import type { CommunicationGraph } from "../model/graph.ts";
import type { WorkloadKey } from "../model/peer.ts";
import { isInScope, type SynthesisOptions } from "../synthesizer/network/options.ts";

/** A namespace for which nothing can be proposed yet. */
export interface Collecting {
  /** Empty where the sources name none. */
  readonly cluster: string;
  readonly namespace: string;
  /** One sentence. */
  readonly because: string;
}

/**
 * Namespaces in which workloads exist and none was seen talking: nothing is proposed for them, and that is no good news. Pods in
 * their node's network are not judged, so they do not count. Sorted.
 *
 * @param known what the cluster's objects describe; empty where they were not read, and then nothing is told
 * @param options which namespaces policies are wanted for
 */
export function collectingIn(
  { workloads }: Pick<CommunicationGraph, "workloads">,
  known: ReadonlyMap<WorkloadKey, Pick<KnownWorkload, "namespace" | "hostNetwork">>,
  options: Pick<SynthesisOptions, "namespaces" | "systemNamespaces">,
  cluster: string,
): readonly Collecting[] {
  const seen = new Set(workloads.map(({ namespace }) => namespace));
  const unseen = new Set(
    [...known.values()].flatMap(({ namespace, hostNetwork }) =>
      hostNetwork || seen.has(namespace) || !isInScope(namespace, options) ? [] : [namespace],
    ),
  );
  const because = "None of its workloads was seen talking yet.";
  return [...unseen].map((namespace) => ({ cluster, namespace, because })).toSorted(by(({ namespace }) => namespace));
}
