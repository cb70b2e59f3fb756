import type { KnownWorkload, PodClue } from "../../model/directory.ts";
import type { Labels } from "../../model/graph.ts";
import { contradictsSelector, matchesSelector } from "../objects/label-selector.ts";
import { hasLabels } from "../objects/object-labels.ts";
import { canBeCutTo, isCutName, keysOfWorkload, numberedKeys, podNameKey } from "./generated-names.ts";
import type { TableRow, WorkloadDraft } from "./workload-table.ts";

/** Where pods' owners and names lead. */
export interface KnownNames {
  /** What an owner that comes anew belongs to in the end. @param key as ownerKey makes it */
  readonly ofOwner: (key: string) => TableRow | undefined;
  /** Who keeps the listed pods of a name, by podNameKey. */
  readonly ofPods: ReadonlyMap<string, Iterable<Pick<WorkloadDraft, "row">>>;
}

/** A text equal for equal owners. */
export function ownerKey(namespace: string, kind: string, name: string): string {
  return `${namespace}\0${kind}\0${name}`;
}

/** What fits a clue: nothing, one workload, or several that can't be told apart. */
export type Found = TableRow | "ambiguous" | undefined;

/** Answers which workload a pod is of that a source told something about. */
export class WorkloadFinder {
  readonly #ofOwner: KnownNames["ofOwner"];
  readonly #byName: ReadonlyMap<string, readonly TableRow[]>;
  readonly #byPodName: ReadonlyMap<string, readonly TableRow[]>;
  readonly #byNamespace: ReadonlyMap<string, readonly TableRow[]>;

  constructor(rows: readonly TableRow[], names: KnownNames) {
    this.#ofOwner = names.ofOwner;
    this.#byName = grouped(rows, ({ workload }) => [`${workload.namespace}\0${workload.name}`]);
    this.#byPodName = rowsByPodName(rows, names);
    this.#byNamespace = grouped(rows, ({ workload }) => [workload.namespace]);
  }

  /** The rules in their order, the most certain one first; the first that finds something decides. */
  find(clue: PodClue): Found {
    return (
      this.#findByOwner(clue) ??
      this.#findByPodName(clue) ??
      (clue.owner === undefined ? this.#findByLabels(clue) : undefined)
    );
  }

  /**
   * The controller that the source named. It may have been guessed from the name of a ReplicaSet or a Job, which other
   * controllers make as well.
   */
  #findByOwner({ namespace, owner, ...clue }: PodClue): Found {
    if (owner === undefined) return undefined;
    const named = this.#byName.get(`${namespace}\0${owner.name}`) ?? [];
    const exact = named.filter(({ workload }) => workload.kind === owner.kind);
    if (exact.length > 0) return exact.length === 1 ? exact[0] : decide(exact, clue);
    const passed = this.#ofOwner(ownerKey(namespace, owner.kind, owner.name));
    if (passed !== undefined) return passed;
    return decide(
      named.filter((row) => canPassFor(row, owner.kind)),
      clue,
    );
  }

  #findByPodName({ namespace, pod, ...clue }: PodClue): Found {
    if (pod === undefined) return undefined;
    const own = this.#byPodName.get(podNameKey(namespace, pod)) ?? [];
    const numbered = numberedKeys(namespace, pod).flatMap((key) => this.#byPodName.get(key) ?? []);
    const named = numbered.length === 0 ? own : [...new Set([...own, ...numbered])];
    if (named.length > 0 || !isCutName(pod)) return decide(named, clue);
    const cut = (this.#byNamespace.get(namespace) ?? []).filter((row) => canBeCutTo(row, pod));
    return decide(cut, clue);
  }

  #findByLabels({ namespace, labels, serviceAccount }: PodClue): Found {
    const rows = this.#byNamespace.get(namespace) ?? [];
    const clue = { labels, serviceAccount };
    if (isEmpty(labels)) {
      // Half of all pods run as `default`: that tells nobody from anybody.
      const isTelling = serviceAccount !== undefined && serviceAccount !== "default";
      return isTelling ? only(rows.filter(({ workload }) => workload.serviceAccount === serviceAccount)) : undefined;
    }
    const fitting = rows.filter((row) => fits(row, labels) || isSelected(row, labels));
    return decide(fitting, clue);
  }
}

/**
 * Workloads by the names of their pods, listed or not: pods that are gone have no part in what is listed, and what would
 * call its pods so may have kept them.
 */
function rowsByPodName(rows: readonly TableRow[], { ofPods }: KnownNames): ReadonlyMap<string, readonly TableRow[]> {
  const byName = new Map<string, TableRow[]>();
  for (const [key, keepers] of ofPods) {
    byName.set(
      key,
      Array.from(keepers, ({ row }) => row).filter((row) => row !== undefined),
    );
  }
  for (const row of rows) {
    for (const key of keysOfWorkload(row)) {
      const found = byName.get(key);
      if (found === undefined) byName.set(key, [row]);
      else if (!found.includes(row)) found.push(row);
    }
  }
  return byName;
}

type Marks = Pick<PodClue, "labels" | "serviceAccount">;

/**
 * Of workloads that something else speaks for, the one that labels and account speak for too.
 *
 * @returns undefined when the labels speak against all of them
 */
function decide(rows: readonly TableRow[], { labels, serviceAccount }: Marks): Found {
  const possible = rows.filter(
    ({ workload }) => workload.selector === undefined || !contradictsSelector(workload.selector, labels),
  );
  if (possible.length < 2) return possible[0];
  const byAccount = possible.filter(({ workload }) => isSameAccount(workload, serviceAccount));
  const left = byAccount.length > 0 ? byAccount : possible;
  if (left.length === 1 || isEmpty(labels)) return only(left);
  const equal = left.filter((row) => row.shapes.some((shape) => isSameButFiltered(shape.shown, labels)));
  if (equal.length > 0) return only(equal);
  const fitting = left.filter((row) => fits(row, labels));
  if (fitting.length > 0) return only(fitting);
  const selected = left.filter((row) => isSelected(row, labels));
  return only(selected.length > 0 ? selected : left);
}

function only(rows: readonly TableRow[]): Found {
  return rows.length > 1 ? "ambiguous" : rows[0];
}

/** A source shows a part of a pod's labels, never more than it has. */
function fits({ shapes }: TableRow, labels: Labels): boolean {
  return shapes.some((shape) => hasLabels(shape.shown, labels));
}

function isSelected({ workload }: TableRow, labels: Labels): boolean {
  return workload.selector !== undefined && matchesSelector(workload.selector, labels);
}

/** Equal but for labels that Cilium leaves out unless told otherwise (cilium pkg/labelsfilter/filter.go). */
function isSameButFiltered(own: Labels, shown: Labels): boolean {
  if (!hasLabels(own, shown)) return false;
  return Object.keys(own).every((key) => Object.hasOwn(shown, key) || isFilteredByDefault(key));
}

function isFilteredByDefault(key: string): boolean {
  const slash = key.indexOf("/");
  if (slash < 0) return false;
  const domain = key.slice(0, slash);
  return domain !== "app.kubernetes.io" && /(?:^|\.)(?:kubernetes|k8s)\.io$/u.test(domain);
}

function isSameAccount(workload: KnownWorkload, account: string | undefined): boolean {
  return account === undefined || workload.serviceAccount === undefined || workload.serviceAccount === account;
}

/** Kinds that say themselves who they are, so that nobody takes them for another. */
const CERTAIN_KINDS: ReadonlySet<string> = new Set(["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"]);

/**
 * True when pods of this workload can be taken for those of a Deployment or CronJob: a source that saw a ReplicaSet
 * or a Job by name only guesses what made it.
 */
function canPassFor({ workload }: TableRow, kind: string): boolean {
  return (kind === "Deployment" || kind === "CronJob") && !CERTAIN_KINDS.has(workload.kind);
}

function isEmpty(labels: Labels): boolean {
  for (const _key in labels) return false;
  return true;
}

function grouped(
  rows: readonly TableRow[],
  keysOf: (row: TableRow) => readonly string[],
): ReadonlyMap<string, readonly TableRow[]> {
  const groups = new Map<string, TableRow[]>();
  for (const row of rows) {
    for (const key of keysOf(row)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [row]);
      else group.push(row);
    }
  }
  return groups;
}
