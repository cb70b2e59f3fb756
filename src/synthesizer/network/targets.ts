import { by, byText } from "../../lib/sort.ts";
import type { Labels, Workload } from "../../model/graph.ts";
import type { WorkloadKey } from "../../model/peer.ts";
import { DEFAULT_DENY_NAME, dnsName, NAME_PREFIX } from "./names.ts";
import { isInScope, type SynthesisOptions } from "./options.ts";
import type { Selection } from "./selectors.ts";

/** Whom one policy is written for, and whom its selector picks besides. */
export interface Target {
  readonly name: string;
  readonly namespace: string;
  readonly selector: Labels;
  /** Workloads with exactly this selector, sorted. */
  readonly workloads: readonly WorkloadKey[];
  /** These and every other known workload it matches, sorted. */
  readonly matched: readonly WorkloadKey[];
}

/** One target a selector, sorted by namespace and name; workloads that no label tells apart share one. */
export function policyTargets(
  workloads: readonly Workload[],
  selections: ReadonlyMap<WorkloadKey, Selection>,
  options: SynthesisOptions,
): Target[] {
  const groups = new Map<string, Workload[]>();
  for (const workload of workloads) {
    const selection = selections.get(workload.key);
    if (selection === undefined || !isInScope(workload.namespace, options)) continue;
    const key = JSON.stringify([workload.namespace, Object.entries(selection.labels)]);
    groups.set(key, [...(groups.get(key) ?? []), workload]);
  }
  const targets = [...groups.values()].map((group) => targetOf(group, selections));
  return distinctNames(targets.filter((target) => target !== undefined)).toSorted(
    by(({ namespace, name }) => `${namespace}/${name}`),
  );
}

function targetOf(group: readonly Workload[], selections: ReadonlyMap<WorkloadKey, Selection>): Target | undefined {
  const sorted = group.toSorted(by(({ key }) => key));
  const [first] = sorted;
  const selection = first === undefined ? undefined : selections.get(first.key);
  if (first === undefined || selection === undefined) return undefined;
  const keys = sorted.map(({ key }) => key);
  const matched = [...new Set([...keys, ...selection.alsoMatches])].toSorted(byText);
  const text = sorted.length === 1 ? first.name : sharedName(first, selection.labels);
  return {
    name: dnsName(NAME_PREFIX, text),
    namespace: first.namespace,
    selector: selection.labels,
    workloads: keys,
    matched,
  };
}

/** Several workloads are named by what they have in common, so that one more of them renames nothing. */
function sharedName(first: Workload, labels: Labels): string {
  return Object.values(labels).find((value) => value !== "") ?? first.name;
}

function distinctNames(targets: readonly Target[]): Target[] {
  const uses = new Map<string, number>();
  for (const { namespace, name } of targets)
    uses.set(`${namespace}/${name}`, (uses.get(`${namespace}/${name}`) ?? 0) + 1);
  return targets.map((target) => {
    const isTaken = target.name === DEFAULT_DENY_NAME || uses.get(`${target.namespace}/${target.name}`) !== 1;
    if (!isTaken) return target;
    return {
      ...target,
      name: dnsName(
        NAME_PREFIX,
        `${target.workloads[0]?.split("/").slice(1).join("-") ?? ""} ${JSON.stringify(target.selector)}`,
      ),
    };
  });
}
