import { by } from "../../lib/sort.ts";
import type { KnownWorkloads } from "../../model/directory.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { DirectionPolicy, NamespaceDeny, PolicySet, WorkloadPolicy } from "../../model/policy-set.ts";
import { compact } from "./compact.ts";
import { type Decision, type Decisions, decide } from "./decide.ts";
import { findingsOf } from "./findings.ts";
import { DEFAULT_DENY_NAME } from "./names.ts";
import { collectNeeds, type NeedsIndex } from "./needs.ts";
import type { SynthesisOptions } from "./options.ts";
import { selectWorkloads } from "./selectors.ts";
import { policyTargets, type Target } from "./targets.ts";

/**
 * Decides what is allowed: for each workload in scope, exactly the oriented and allowed edges of the graph, and what
 * can't be said as findings. Equal graphs and options give equal sets.
 *
 * @param known workloads that the cluster's objects describe, seen or not
 */
export function synthesize(
  graph: CommunicationGraph,
  options: SynthesisOptions,
  known: KnownWorkloads = new Map(),
): PolicySet {
  const selections = selectWorkloads(graph.workloads, known);
  const needs = collectNeeds(graph, selections, options);
  const targets = policyTargets(graph.workloads, selections, options);
  const ingress = decide(targets, "ingress", needs, options);
  const egress = decide(targets, "egress", needs, options);
  const denies = options.defaultDeny ? namespaceDenies(graph, targets, needs) : [];
  const denied = new Set(denies.map(({ namespace }) => namespace));
  const policies = targets
    .map((target) => policyOf(target, ingress, egress, denied.has(target.namespace)))
    .filter(saysSomething);
  const findings = findingsOf({ graph, known, options, selections, needs, targets, ingress, egress, denies });
  return { policies, denies, findings };
}

function policyOf(target: Target, ingress: Decisions, egress: Decisions, underDeny: boolean): WorkloadPolicy {
  const { name, namespace, selector, workloads } = target;
  return {
    name,
    namespace,
    selector,
    workloads,
    ingress: directionOf(ingress.get(target), underDeny),
    egress: directionOf(egress.get(target), underDeny),
  };
}

function directionOf(decision: Decision | undefined, underDeny: boolean): DirectionPolicy {
  if (decision?.mode === "isolated") return { mode: "isolated", rules: compact(decision.needs) };
  const reason = decision?.reason ?? "unobserved";
  return { mode: "open", reason, explicit: underDeny && reason === "inexpressible" };
}

function saysSomething({ ingress, egress }: WorkloadPolicy): boolean {
  return [ingress, egress].some((direction) => direction.mode === "isolated" || direction.explicit);
}

/** A namespace in which an observed workload can't be selected gets none: that workload would be cut. */
function namespaceDenies(graph: CommunicationGraph, targets: readonly Target[], needs: NeedsIndex): NamespaceDeny[] {
  const selected = new Set(targets.flatMap(({ workloads }) => workloads));
  const unsafe = graph.workloads.filter(({ key }) => needs.has(key) && !selected.has(key));
  const unsafeNamespaces = new Set(unsafe.map(({ namespace }) => namespace));
  const namespaces = new Set(targets.map(({ namespace }) => namespace));
  return [...namespaces]
    .filter((namespace) => !unsafeNamespaces.has(namespace))
    .map((namespace) => ({ name: DEFAULT_DENY_NAME, namespace }))
    .toSorted(by(({ namespace }) => namespace));
}
