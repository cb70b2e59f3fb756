import { some } from "../../lib/some.ts";
import type { KnownWorkloads } from "../../model/directory.ts";
import type { Finding } from "../../model/finding.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { NamespaceDeny } from "../../model/policy-set.ts";
import { isInScope, type SynthesisOptions } from "./options.ts";

/** What was decided, as far as workloads that were never seen are concerned. */
interface Unseen {
  readonly graph: CommunicationGraph;
  readonly known: KnownWorkloads;
  readonly options: SynthesisOptions;
  readonly denies: readonly NamespaceDeny[];
}

/** Workloads that exist and never talked while somebody looked: no policy is made for them, and a default-deny cuts them. */
export function unseenFindings({ graph, known, options, denies }: Unseen): Finding[] {
  const seen = new Set(graph.workloads.map(({ key }) => key));
  const unseen = [...known]
    .filter(([key, { namespace, hostNetwork }]) => !seen.has(key) && !hostNetwork && isInScope(namespace, options))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const denied = unseen.filter(([, { namespace }]) => denies.some((deny) => deny.namespace === namespace));
  const spared = unseen.filter((one) => !denied.includes(one));
  const findings: Finding[] = [];
  if (denied.length > 0) {
    findings.push({
      code: "unseen-workload-denied",
      severity: "warning",
      about: undefined,
      message: `A default-deny cuts all traffic of workloads that exist and were never seen: ${some(denied.map(([key]) => key))}.`,
      choice: "Observe until they have run, or leave --default-deny out.",
    });
  }
  if (spared.length > 0) {
    findings.push({
      code: "unseen-workload",
      severity: "info",
      about: undefined,
      message: `There is no policy for what exists and was never seen talking: ${some(spared.map(([key]) => key))}.`,
      choice: "Observe longer, best until each of them has run.",
    });
  }
  return findings;
}
