import type { InventoryNamespace, InventoryWorkload } from "../../model/inventory.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { tellsOfTraffic } from "../inferred/kinds.ts";
import { groupOf } from "../objects/fields.ts";
import { readLabels } from "../objects/object-labels.ts";
import { makesPods, podsPath, problemAt, readWorkload } from "../objects/pod-template.ts";
import { isNetworkPolicy, isOtherEngine } from "../policies.ts";
import { type MisreadField, misreadInLabels, misreadInPolicy } from "./misread-fields.ts";
import { type FieldProblem, textProblems } from "./text-fields.ts";

/** What objects of the network there are. */
export interface Inventory {
  readonly policies: readonly ManifestObject[];
  readonly workloads: readonly InventoryWorkload[];
  readonly namespaces: readonly InventoryNamespace[];
  /** Policies of other engines, which can change what a NetworkPolicy does. */
  readonly otherEngines: readonly ManifestObject[];
  /** Workloads and namespaces that say nothing usable. */
  readonly incomplete: readonly (FieldProblem & { readonly object: ManifestObject })[];
  /** Keys and numbers that kubectl reads as something else than YAML 1.2 does. */
  readonly misread: readonly MisreadField[];
  /** All but the last of the objects with one kind, namespace and name; the last stands in the lists above. */
  readonly replaced: readonly { readonly object: ManifestObject; readonly by: ManifestObject }[];
  /** How many objects of other kinds there are, by kind, sorted. */
  readonly skipped: ReadonlyMap<string, number>;
}

/** Sorts objects by what they are. Of several with one kind, namespace and name the last counts, as in a cluster. */
export function inventoryOf(objects: readonly ManifestObject[]): Inventory {
  const known = objects
    .filter((object) => isKnown(object))
    .map((object, index) => [keyOf(object, index), object] as const);
  const last = new Map(known);
  const policies: ManifestObject[] = [];
  const workloads: InventoryWorkload[] = [];
  const namespaces: InventoryNamespace[] = [];
  const incomplete: Inventory["incomplete"][number][] = [];
  for (const object of last.values()) {
    if (isNetworkPolicy(object)) {
      policies.push(object);
      continue;
    }
    if (makesPods(object)) {
      const read = readWorkload(object);
      if (isProblems(read)) incomplete.push(...read.map((problem) => ({ ...problem, object })));
      else if (read !== undefined) workloads.push(read);
      continue;
    }
    const read = readNamespace(object);
    if (isProblems(read)) incomplete.push(...read.map((problem) => ({ ...problem, object })));
    else namespaces.push(read);
  }
  return {
    policies,
    workloads,
    namespaces,
    otherEngines: objects.filter(isOtherEngine),
    incomplete,
    misread: [...last.values()].flatMap(misreadIn),
    replaced: known.flatMap(([key, object]) => {
      const by = last.get(key);
      return by === undefined || by === object ? [] : [{ object, by }];
    }),
    skipped: countKinds(
      objects.filter((object) => !isKnown(object) && !isOtherEngine(object) && !tellsOfTraffic(object)),
    ),
  };
}

function isNamespace({ apiVersion, kind }: ManifestObject): boolean {
  return kind === "Namespace" && groupOf(apiVersion) === "";
}

function isKnown(object: ManifestObject): boolean {
  return isNetworkPolicy(object) || isNamespace(object) || makesPods(object);
}

/** @param index of the object: those without a name are never one object */
function keyOf(object: ManifestObject, index: number): string {
  const { apiVersion, kind, namespace, name } = object;
  return JSON.stringify([groupOf(apiVersion), kind, isNamespace(object) ? "" : namespace, name ?? index]);
}

function isProblems(read: unknown): read is readonly FieldProblem[] {
  return Array.isArray(read);
}

function misreadIn(object: ManifestObject): readonly MisreadField[] {
  if (isNetworkPolicy(object)) return misreadInPolicy(object);
  return misreadInLabels(object, makesPods(object) ? podsPath(object) : undefined);
}

function readNamespace(object: ManifestObject): InventoryNamespace | readonly FieldProblem[] {
  const { name, value } = object;
  const metadata = value["metadata"];
  const written =
    typeof metadata === "object" && metadata !== null && "labels" in metadata ? metadata.labels : undefined;
  const labels = readLabels(written);
  const problems = textProblems(object, undefined);
  if (problems.length > 0) return problems;
  if (name === undefined) return [problemAt(["metadata", "name"], "is missing")];
  if (labels === undefined) return [problemAt(["metadata", "labels"], "must be a mapping of texts")];
  return { name, labels, object };
}

function countKinds(objects: readonly ManifestObject[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return new Map([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
