import { by } from "../../lib/sort.ts";
import type { KnownWorkload, KnownWorkloads } from "../../model/directory.ts";
import type { CommunicationGraph, Workload } from "../../model/graph.ts";
import type { WorkloadKey } from "../../model/peer.ts";
import { dnsName, NAME_PREFIX } from "./names.ts";
import type { SynthesisOptions } from "./options.ts";
import { type Selection, selectWorkloads } from "./selectors.ts";
import { policyTargets, type Target } from "./targets.ts";

/** Picks selectors for workloads that objects describe and no flow showed, beside all that are known. */
export function selectUnseen(
  keys: ReadonlySet<WorkloadKey>,
  graph: Pick<CommunicationGraph, "workloads">,
  known: KnownWorkloads,
): ReadonlyMap<WorkloadKey, Selection> {
  const unseen = unseenWorkloads(keys, known);
  if (unseen.length === 0) return new Map();
  const neighbours = new Map(known);
  for (const workload of graph.workloads)
    if (!known.has(workload.key)) neighbours.set(workload.key, describe(workload));
  return selectWorkloads(unseen, neighbours);
}

/**
 * Whom policies for unseen workloads are written for. Existing targets keep their names: one whose selector picks the
 * workload already is given in its place.
 */
export function unseenTargets(
  selections: ReadonlyMap<WorkloadKey, Selection>,
  known: KnownWorkloads,
  existing: readonly Target[],
  options: SynthesisOptions,
): readonly Target[] {
  const bySelector = new Set(existing.map(selectorText));
  const taken = new Set(existing.map(({ namespace, name }) => `${namespace}/${name}`));
  const own = policyTargets(unseenWorkloads(new Set(selections.keys()), known), selections, options);
  return own
    .filter((target) => !bySelector.has(selectorText(target)))
    .map((target) => (taken.has(`${target.namespace}/${target.name}`) ? renamed(target) : target));
}

function unseenWorkloads(keys: ReadonlySet<WorkloadKey>, known: KnownWorkloads): readonly Workload[] {
  const found = [...keys].flatMap((key) => {
    const workload = known.get(key);
    return workload === undefined ? [] : [asSeen(key, workload)];
  });
  return found.toSorted(by(({ key }) => key));
}

function asSeen(key: WorkloadKey, known: KnownWorkload): Workload {
  const { namespace, name, kind, variants, serviceAccount } = known;
  // Both the pods of the last rollout and those of the one under way have these.
  const common = Object.entries(known.labels).filter(([label, value]) => variants.every((one) => one[label] === value));
  return { key, cluster: undefined, namespace, name, kind, labels: Object.fromEntries(common), serviceAccount };
}

function describe({ namespace, name, kind = "", labels, serviceAccount }: Workload): KnownWorkload {
  const unknown = { selector: undefined, variants: [], ports: [], hostNetwork: false };
  return { namespace, name, kind, labels, serviceAccount, ...unknown };
}

function renamed(target: Target): Target {
  const [first = ""] = target.workloads;
  const text = `${first.split("/").slice(1).join("-")} ${JSON.stringify(target.selector)}`;
  return { ...target, name: dnsName(NAME_PREFIX, text) };
}

/** Equal for targets that pick the same pods. */
export function selectorText({ namespace, selector }: Pick<Target, "namespace" | "selector">): string {
  return JSON.stringify([namespace, Object.entries(selector)]);
}
