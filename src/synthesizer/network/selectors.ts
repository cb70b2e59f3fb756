import { byText } from "../../lib/sort.ts";
import type { KnownWorkload, KnownWorkloads } from "../../model/directory.ts";
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

/** What a selector may match: all the label sets that a workload's pods have. */
interface Candidate {
  readonly key: WorkloadKey;
  readonly labelSets: readonly Labels[];
}

/**
 * Picks a selector for each workload: the labels of its own `spec.selector`, which its controller never lets change, or
 * where that is not known those that say what it is; and further ones only while another workload of the namespace, its
 * template or a pod of it, is matched as well. Workloads without a usable label have no entry, nor have those in a
 * namespace that can't exist: nobody may name either.
 *
 * @param known what the cluster's objects describe: neighbours that were never seen count too
 */
export function selectWorkloads(
  workloads: readonly Workload[],
  known: KnownWorkloads = new Map(),
): ReadonlyMap<WorkloadKey, Selection> {
  const selections = new Map<WorkloadKey, Selection>();
  const candidates = candidatesByNamespace(workloads, known);
  for (const { key, namespace, labels } of workloads) {
    if (!isNamespaceName(namespace)) continue;
    const neighbours = (candidates.get(namespace) ?? []).filter((other) => other.key !== key);
    const selection = select(usableLabels(labels), neighbours, selectorKeys(known.get(key)));
    if (selection !== undefined) selections.set(key, selection);
  }
  return selections;
}

function candidatesByNamespace(
  workloads: readonly Workload[],
  known: KnownWorkloads,
): ReadonlyMap<string, readonly Candidate[]> {
  const byKey = new Map<WorkloadKey, Candidate & { readonly namespace: string }>();
  for (const { key, namespace, labels } of workloads) byKey.set(key, { key, namespace, labelSets: [labels] });
  for (const [key, { namespace, labels, variants, hostNetwork }] of known) {
    if (!hostNetwork) byKey.set(key, { key, namespace, labelSets: [labels, ...variants] });
  }
  return Map.groupBy(byKey.values(), ({ namespace }) => namespace);
}

/** Keys that the workload's own selector names, sorted. */
function selectorKeys(known: KnownWorkload | undefined): readonly string[] {
  const { matchLabels = {}, matchExpressions = [] } = known?.selector ?? {};
  return [...new Set([...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)])].toSorted(byText);
}

function hasAll(labels: Labels, selector: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

function select(labels: Labels, neighbours: readonly Candidate[], own: readonly string[]): Selection | undefined {
  const keys = Object.keys(labels).toSorted(byText);
  const lasting = keys.filter((key) => !isReleaseLabel(key));
  const chosen = new Set(firstKeys(keys, own));
  if (chosen.size === 0) return undefined;
  for (const key of [...lasting, ...keys]) {
    const others = neighbours.flatMap(({ labelSets }) => labelSets.filter((set) => hasAll(set, pick(labels, chosen))));
    if (others.length === 0) break;
    if (others.some((other) => other[key] !== labels[key])) chosen.add(key);
  }
  const selector = pick(labels, chosen);
  return {
    labels: selector,
    alsoMatches: neighbours
      .filter(({ labelSets }) => labelSets.some((set) => hasAll(set, selector)))
      .map(({ key }) => key)
      .toSorted(byText),
    releaseLabels: [...chosen].filter((key) => isReleaseLabel(key) && !own.includes(key)).toSorted(byText),
  };
}

/** The labels to begin with: those of the workload's own selector, those that say what it is, or whatever there is. */
function firstKeys(keys: readonly string[], own: readonly string[]): readonly string[] {
  const identity = IDENTITY_KEYS.filter((key) => keys.includes(key));
  const lasting = keys.filter((key) => !isReleaseLabel(key));
  const choices = [own.filter((key) => keys.includes(key)), identity, lasting, keys];
  return choices.find((choice) => choice.length > 0) ?? [];
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
