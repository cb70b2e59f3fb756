import { isDeepStrictEqual } from "node:util";
import { some } from "../../lib/some.ts";
import { by } from "../../lib/sort.ts";
import type { KnownService, KnownWorkload } from "../../model/directory.ts";
import type { Finding } from "../../model/finding.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { fieldAt, textOf } from "../objects/fields.ts";
import { matchesSelector } from "../objects/label-selector.ts";
import { problemsOf } from "../objects/problems.ts";
import { prunedValue } from "../prune.ts";
import type { LabelIndex } from "./label-index.ts";
import { identityOf, typeOf } from "./object-order.ts";
import type { ResolvedService } from "./service-table.ts";
import type { TableRow } from "./workload-table.ts";

/** What is wrong with the objects themselves. @param objects all of them, in order */
export function objectFindings(objects: readonly ManifestObject[]): readonly Finding[] {
  return [...severalClusters(objects), ...conflicts(objects), ...incomplete(objects)];
}

/** What the objects say of each other that hardly anybody means. */
export function referenceFindings(
  rows: readonly TableRow[],
  services: readonly ResolvedService[],
  { labels, namespaces }: { readonly labels: LabelIndex; readonly namespaces: ReadonlySet<string> },
): readonly Finding[] {
  const found = [overlapping(rows, labels), selectingNothing(rows, services), unresolvedPorts(services)];
  return [...found, unknownNamespaces(rows, namespaces)].filter((finding) => finding !== undefined);
}

/** Namespaces that every cluster has from its beginning, and that can't be removed. */
const LASTING_NAMESPACES: ReadonlySet<string> = new Set(["default", "kube-public", "kube-system"]);

function severalClusters(objects: readonly ManifestObject[]): readonly Finding[] {
  const uids = new Map<string, Set<string>>();
  for (const object of objects) {
    if (typeOf(object) !== "/Namespace" || object.name === undefined || !LASTING_NAMESPACES.has(object.name)) continue;
    const uid = textOf(fieldAt(object.value, "metadata"), "uid");
    if (uid !== undefined) uids.set(object.name, (uids.get(object.name) ?? new Set()).add(uid));
  }
  const [name] = [...uids].find(([, distinct]) => distinct.size > 1) ?? [];
  if (name === undefined) return [];
  return [
    {
      code: "objects-of-several-clusters",
      severity: "error",
      about: undefined,
      message: `The objects are of ${uids.get(name)?.size ?? 0} clusters: they hold as many namespaces ${name}, and a cluster keeps the one it has.`,
      choice: "Give the objects of the cluster that the flows are from, and no others.",
    },
  ];
}

/** Objects of one name, neither of which comes from a cluster, that are not the same: which one counts is not known. */
function conflicts(objects: readonly ManifestObject[]): readonly Finding[] {
  const found: string[] = [];
  let before: ManifestObject | undefined;
  for (const object of objects) {
    if (before !== undefined && object.name !== undefined && isSame(before, object) && !areEqual(before, object)) {
      found.push(`${nameOf(object)} (${placeOf(before)} and ${placeOf(object)})`);
    }
    before = object;
  }
  if (found.length === 0) return [];
  return [
    {
      code: "objects-conflict",
      severity: "warning",
      about: undefined,
      message: `Objects are written twice, and not the same way: ${some(found)}.`,
      choice: "Remove one of each, or give the directories that are applied together and no others.",
    },
  ];
}

function isSame(a: ManifestObject, b: ManifestObject): boolean {
  // Two dumps of one object differ as the object changed, and a manifest differs from what became of it.
  const isWritten = [a, b].every(({ value }) => textOf(fieldAt(value, "metadata"), "uid") === undefined);
  return isWritten && identityOf(a) === identityOf(b);
}

function areEqual(a: ManifestObject, b: ManifestObject): boolean {
  return isDeepStrictEqual(prunedValue(a.value), prunedValue(b.value));
}

function incomplete(objects: readonly ManifestObject[]): readonly Finding[] {
  const found = objects.flatMap((object) => problemsOf(object).map((problem) => `${nameOf(object)}: ${problem}`));
  if (found.length === 0) return [];
  return [
    {
      code: "objects-incomplete",
      severity: "warning",
      about: undefined,
      message: `What can't be read of some objects was left out: ${some(found)}.`,
      choice: "Mend them, or give them rendered if something else completes them.",
    },
  ];
}

/** Workloads whose own selectors take each other's pods for theirs: no selector made of them is of one alone. */
function overlapping(rows: readonly TableRow[], index: LabelIndex): Finding | undefined {
  const pairs = rows.flatMap((row) =>
    index
      .candidates(row.workload.namespace, row.workload.selector?.matchLabels ?? {})
      .filter((other) => isBefore(row, other) && selects(row, other) && selects(other, row))
      .map((other) => `${workloadName(row.workload)} and ${workloadName(other.workload)}`),
  );
  if (pairs.length === 0) return undefined;
  return {
    code: "selectors-overlap",
    severity: "warning",
    about: undefined,
    message: `The selectors of some workloads match each other's pods: ${some(pairs)}.`,
    choice:
      "Give their pods and selectors a label that tells them apart; selectors can only be changed by making the workload anew.",
  };
}

function isBefore(a: TableRow, b: TableRow): boolean {
  return by(({ workload }: TableRow) => `${workload.name}\0${workload.kind}`)(a, b) < 0;
}

function selects({ workload }: TableRow, other: TableRow): boolean {
  return workload.selector !== undefined && matchesSelector(workload.selector, other.workload.labels);
}

/** Only where workloads of the namespace are known at all, as else nothing is known of what is missing. */
function selectingNothing(rows: readonly TableRow[], services: readonly ResolvedService[]): Finding | undefined {
  const known = new Set(rows.map(({ workload }) => workload.namespace));
  const idle = services.filter(({ service, selected }) => selected === 0 && known.has(service.namespace));
  if (idle.length === 0) return undefined;
  return {
    code: "service-selects-nothing",
    severity: "info",
    about: undefined,
    message: `Services select no workload that is known: ${some(idle.map(({ service }) => serviceName(service)))}.`,
    choice: "Mend the selector, or give the objects of what is behind them; flows to their addresses lead to nobody.",
  };
}

function unresolvedPorts(services: readonly ResolvedService[]): Finding | undefined {
  const found = services.flatMap(({ service }) =>
    service.ports
      .filter(({ backends, unresolved }) => backends.length === 0 && unresolved.length > 0)
      .map(({ port, protocol }) => `${serviceName(service)}:${port}/${protocol}`),
  );
  if (found.length === 0) return undefined;
  return {
    code: "service-port-unresolved",
    severity: "info",
    about: undefined,
    message: `Ports of Services lead to a named port that nothing behind them declares: ${some(found)}.`,
    choice: "Name the port in the pods' template, or give the Service a number as targetPort.",
  };
}

function unknownNamespaces(rows: readonly TableRow[], namespaces: ReadonlySet<string>): Finding | undefined {
  if (namespaces.size === 0) return undefined;
  const missing = rows.map(({ workload }) => workload.namespace).filter((namespace) => !namespaces.has(namespace));
  if (missing.length === 0) return undefined;
  return {
    code: "namespace-unknown",
    severity: "info",
    about: undefined,
    message: `There are workloads in namespaces that are not among the objects: ${some(missing)}.`,
    choice: "Give the Namespace objects too: policies of others may select them by their labels.",
  };
}

function placeOf({ file, lineOf }: ManifestObject): string {
  return `${file}:${lineOf([])}`;
}

function nameOf(object: ManifestObject): string {
  const { kind, namespace, name } = object;
  const shown = name ?? `(without a name, ${placeOf(object)})`;
  return kind === "Namespace" || kind === "Node" ? `${kind} ${shown}` : `${kind} ${namespace}/${shown}`;
}

function workloadName({ namespace, kind, name }: KnownWorkload): string {
  return `${kind} ${namespace}/${name}`;
}

function serviceName({ namespace, name }: KnownService): string {
  return `${namespace}/${name}`;
}
