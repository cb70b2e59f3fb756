import { byText } from "../../lib/sort.ts";
import type { Labels, Workload } from "../../model/graph.ts";
import { isReleaseLabel, isRunTimeLabel } from "../../model/labels.ts";
import type { WorkloadKey } from "../../model/peer.ts";

/** How the pods of a workload are picked out of their namespace. */
export interface Selection {
  /** matchLabels, sorted by key; never empty. */
  readonly labels: Labels;
  /** Known workloads of the namespace whose pods it matches too, sorted. */
  readonly alsoMatches: readonly WorkloadKey[];
  /** Labels it needs that change with a release, sorted. */
  readonly releaseLabels: readonly string[];
}

/** Labels that say what a workload is (kubernetes.io "Recommended Labels", and what came before them), best first. */
const IDENTITY_KEYS: readonly string[] = [
  "app.kubernetes.io/name",
  "app.kubernetes.io/instance",
  "app.kubernetes.io/component",
  "app",
  "k8s-app",
  "name",
  "component",
];

/**
 * Picks a selector for each workload: the labels that say what it is, and further ones only while another known
 * workload of the namespace is matched as well. Workloads without a usable label have no entry, nor have those in a
 * namespace that can't exist: nobody may name either.
 */
export function selectWorkloads(workloads: readonly Workload[]): ReadonlyMap<WorkloadKey, Selection> {
  const selections = new Map<WorkloadKey, Selection>();
  for (const workload of workloads) {
    const neighbours = workloads.filter(
      ({ namespace, key }) => namespace === workload.namespace && key !== workload.key,
    );
    const selection = isNamespaceName(workload.namespace)
      ? select(usableLabels(workload.labels), neighbours)
      : undefined;
    if (selection !== undefined) selections.set(workload.key, selection);
  }
  return selections;
}

/** True when every label of a selector is on the pods of a workload. */
export function matches(selector: Labels, workload: Workload): boolean {
  return Object.entries(selector).every(([key, value]) => workload.labels[key] === value);
}

function select(labels: Labels, neighbours: readonly Workload[]): Selection | undefined {
  const keys = Object.keys(labels).toSorted(byText);
  const identity = IDENTITY_KEYS.filter((key) => keys.includes(key));
  const lasting = keys.filter((key) => !isReleaseLabel(key));
  const chosen = new Set(identity.length > 0 ? identity : lasting.length > 0 ? lasting : keys);
  if (chosen.size === 0) return undefined;
  for (const key of [...lasting, ...keys]) {
    const others = matched(pick(labels, chosen), neighbours);
    if (others.length === 0) break;
    if (others.some((other) => other.labels[key] !== labels[key])) chosen.add(key);
  }
  const selector = pick(labels, chosen);
  return {
    labels: selector,
    alsoMatches: matched(selector, neighbours)
      .map(({ key }) => key)
      .toSorted(byText),
    releaseLabels: [...chosen].filter(isReleaseLabel).toSorted(byText),
  };
}

function matched(selector: Labels, workloads: readonly Workload[]): Workload[] {
  return workloads.filter((workload) => matches(selector, workload));
}

function pick(labels: Labels, keys: ReadonlySet<string>): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => keys.has(key)));
}

/** Labels the API server takes in a selector and that stay the same over pods, sorted by key. */
function usableLabels(labels: Labels): Labels {
  const usable = Object.entries(labels).filter(
    ([key, value]) => !isRunTimeLabel(key) && isLabelKey(key) && isLabelValue(value),
  );
  return Object.fromEntries(usable.toSorted(([a], [b]) => byText(a, b)));
}

const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** apimachinery pkg/util/validation: an optional DNS prefix of up to 253 characters, and a name of up to 63. */
function isLabelKey(key: string): boolean {
  const [name, prefix, ...more] = key.split("/").toReversed();
  if (name === undefined || more.length > 0 || !NAME.test(name)) return false;
  return prefix === undefined || (prefix.length <= 253 && DNS_SUBDOMAIN.test(prefix));
}

/** apimachinery pkg/util/validation: empty, or a name of up to 63 characters. */
function isLabelValue(value: string): boolean {
  return value === "" || NAME.test(value);
}

/** True for a name the API server takes for a namespace (DNS-1123 label). */
export function isNamespaceName(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(name);
}
