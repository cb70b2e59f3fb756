import { by } from "../../lib/sort.ts";
import type { KnownWorkloads } from "../../model/directory.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import { type Inferred, type InferredKind, NOTHING_INFERRED } from "../../model/inferred.ts";
import type { DirectionPolicy, NamespaceDeny, PolicySet, WorkloadPolicy } from "../../model/policy-set.ts";
import type { Isolation } from "./closures.ts";
import { compact } from "./compact.ts";
import { type Decision, decide } from "./decide.ts";
import { findingsOf } from "./findings.ts";
import { keepPromises } from "./keep-promises.ts";
import { DEFAULT_DENY_NAME } from "./names.ts";
import { collectNeeds, type NeedsIndex } from "./needs.ts";
import type { SynthesisOptions } from "./options.ts";
import type { PromisesInForce } from "./promised.ts";
import { selectWorkloads } from "./selectors.ts";
import { policyTargets, type Target } from "./targets.ts";

/** What the cluster's objects promise, and what of it the operator allowed. */
export interface ObjectPromises {
  readonly inferred: Inferred;
  /** Kinds whose traffic gets rules although nobody was seen using them. */
  readonly allow: readonly InferredKind[];
  /** Directions in which a policy in force lets promised traffic through; absent: none is known. */
  readonly inForce?: PromisesInForce;
}

const NO_PROMISES: ObjectPromises = { inferred: NOTHING_INFERRED, allow: [] };

/**
 * Decides what is allowed: for each workload in scope, exactly the oriented and allowed edges of the graph, what objects
 * promise and the operator allowed, and what can't be said as findings. Equal graphs and options give equal sets.
 *
 * @param known workloads that the cluster's objects describe, seen or not
 * @param promises without those, the policies are the same but for the rules that they allow
 */
export function synthesize(
  graph: CommunicationGraph,
  options: SynthesisOptions,
  known: KnownWorkloads = new Map(),
  promises: ObjectPromises = NO_PROMISES,
): PolicySet {
  const selections = selectWorkloads(graph.workloads, known);
  const needs = collectNeeds(graph, selections, options);
  const targets = policyTargets(graph.workloads, selections, options);
  const ingress = decide(targets, "ingress", needs, options);
  const egress = decide(targets, "egress", needs, options);
  const denies = options.defaultDeny ? namespaceDenies(graph, targets, needs) : [];
  const denied = new Set(denies.map(({ namespace }) => namespace));
  const { inferred, allow, inForce = new Map() } = promises;
  const isolation = { targets, ingress, egress, denied };
  const kept = keepPromises({
    graph,
    known,
    options,
    selections,
    isolation,
    traffic: inferred.traffic,
    allow,
    inForce,
  });
  const policies = kept.isolation.targets.map((target) => policyOf(target, kept.isolation)).filter(saysSomething);
  const decided = { graph, known, options, selections: kept.selections, needs, ingress, egress, denies };
  const findings = findingsOf({
    ...decided,
    targets: kept.isolation.targets,
    outcomes: kept.outcomes,
    inferred,
    allow,
  });
  return { policies, denies, inferred: kept.outcomes, findings };
}

function policyOf(target: Target, { ingress, egress, denied }: Isolation): WorkloadPolicy {
  const { name, namespace, selector, workloads } = target;
  const underDeny = denied.has(namespace);
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
