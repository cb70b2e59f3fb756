import { some } from "../lib/some.ts";
import type { KnownWorkloads } from "../model/directory.ts";
import type { Finding } from "../model/finding.ts";
import type { CommunicationGraph, Workload } from "../model/graph.ts";

/** Where the cluster's objects and what was seen do not fit together. */
export function knownFindings({ workloads }: CommunicationGraph, known: KnownWorkloads): readonly Finding[] {
  if (known.size === 0) return [];
  const strangers = workloads.filter(({ key }) => !known.has(key));
  if (strangers.length === workloads.length) return [anotherCluster(workloads, known)];
  if (strangers.length === 0) return [];
  return [
    {
      code: "workload-without-object",
      severity: "info",
      about: undefined,
      message: `Seen, and not among the cluster's objects: ${some(strangers.map(({ key }) => key))}. Their policies go by what the records show.`,
      choice: "Give the objects of their namespaces too, if they still exist.",
    },
  ];
}

function anotherCluster(workloads: readonly Workload[], known: KnownWorkloads): Finding {
  const others =
    workloads.length === 0 ? "" : `, and none that was seen is among them (${some(workloads.map(({ key }) => key))})`;
  return {
    code: "objects-of-another-cluster",
    severity: "warning",
    about: undefined,
    message: `None of the ${known.size} workloads that the objects describe was seen${others}: they may be of another cluster.`,
    choice: "Give the objects of the cluster that the flows come from.",
  };
}
