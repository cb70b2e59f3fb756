import type { InventoryNamespace, InventoryWorkload } from "../../model/inventory.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { tellsOfTraffic } from "../inferred/kinds.ts";
import { groupOf } from "../objects/fields.ts";
import { readLabels } from "../objects/object-labels.ts";
import { makesPods, readWorkload } from "../objects/pod-template.ts";

/** What objects of the network there are. */
export interface Inventory {
  readonly policies: readonly ManifestObject[];
  readonly workloads: readonly InventoryWorkload[];
  readonly namespaces: readonly InventoryNamespace[];
  /** Policies of other engines, which can change what a NetworkPolicy does. */
  readonly otherEngines: readonly ManifestObject[];
  /** Workloads and namespaces that say nothing usable. */
  readonly incomplete: readonly { readonly object: ManifestObject; readonly problem: string }[];
  /** All but the last of the objects with one kind, namespace and name; the last stands in the lists above. */
  readonly replaced: readonly { readonly object: ManifestObject; readonly by: ManifestObject }[];
  /** How many objects of other kinds there are, by kind, sorted. */
  readonly skipped: ReadonlyMap<string, number>;
}

/** Kinds that allow or deny traffic beside NetworkPolicy, by API group. */
const OTHER_ENGINES: ReadonlyMap<string, readonly string[]> = new Map([
  ["cilium.io", ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"]],
  ["crd.projectcalico.org", ["NetworkPolicy", "GlobalNetworkPolicy"]],
  ["projectcalico.org", ["NetworkPolicy", "GlobalNetworkPolicy"]],
  ["policy.networking.k8s.io", ["AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"]],
  ["security.istio.io", ["AuthorizationPolicy"]],
]);

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
    if (isPolicy(object)) {
      policies.push(object);
      continue;
    }
    if (makesPods(object)) {
      const read = readWorkload(object);
      if (typeof read === "string") incomplete.push({ object, problem: read });
      else if (read !== undefined) workloads.push(read);
      continue;
    }
    const read = readNamespace(object);
    if (typeof read === "string") incomplete.push({ object, problem: read });
    else namespaces.push(read);
  }
  return {
    policies,
    workloads,
    namespaces,
    otherEngines: objects.filter(isOtherEngine),
    incomplete,
    replaced: known.flatMap(([key, object]) => {
      const by = last.get(key);
      return by === undefined || by === object ? [] : [{ object, by }];
    }),
    skipped: countKinds(
      objects.filter((object) => !isKnown(object) && !isOtherEngine(object) && !tellsOfTraffic(object)),
    ),
  };
}

/** A NetworkPolicy of any version: one that no cluster serves any more is refused by name, not skipped. */
function isPolicy({ apiVersion, kind }: ManifestObject): boolean {
  return kind === "NetworkPolicy" && ["networking.k8s.io", "extensions", ""].includes(groupOf(apiVersion));
}

function isNamespace({ apiVersion, kind }: ManifestObject): boolean {
  return kind === "Namespace" && groupOf(apiVersion) === "";
}

function isKnown(object: ManifestObject): boolean {
  return isPolicy(object) || isNamespace(object) || makesPods(object);
}

function isOtherEngine({ apiVersion, kind }: ManifestObject): boolean {
  return OTHER_ENGINES.get(groupOf(apiVersion))?.includes(kind) === true;
}

/** @param index of the object: those without a name are never one object */
function keyOf(object: ManifestObject, index: number): string {
  const { apiVersion, kind, namespace, name } = object;
  return JSON.stringify([groupOf(apiVersion), kind, isNamespace(object) ? "" : namespace, name ?? index]);
}

function readNamespace(object: ManifestObject): InventoryNamespace | string {
  const { name, value } = object;
  const metadata = value["metadata"];
  const written =
    typeof metadata === "object" && metadata !== null && "labels" in metadata ? metadata.labels : undefined;
  const labels = readLabels(written);
  if (name === undefined) return "metadata.name: is missing";
  if (labels === undefined) return "metadata.labels: must be a mapping of texts";
  return { name, labels, object };
}

function countKinds(objects: readonly ManifestObject[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return new Map([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
