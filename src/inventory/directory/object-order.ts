import { byText } from "../../lib/sort.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { fieldOf, textOf } from "../objects/fields.ts";
import { ownGroup } from "../objects/owner.ts";

/** An object with what it is sorted by. */
interface Keyed {
  readonly object: ManifestObject;
  readonly key: string;
  readonly created: string;
  readonly generation: number;
  readonly version: number;
}

/** Kinds that are of no namespace, whatever a reader assumed for them. */
const CLUSTER_KINDS: ReadonlySet<string> = new Set([
  "/Namespace",
  "/Node",
  "cilium.io/CiliumNode",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
]);

/** `apps/Deployment`; `/Pod` for the core group. */
export function typeOf({ apiVersion, kind }: ManifestObject): string {
  return `${ownGroup(apiVersion)}/${kind}`;
}

/** A text that is equal exactly for objects of one type, namespace and name. */
export function identityOf(object: ManifestObject): string {
  const type = typeOf(object);
  return `${type}\0${CLUSTER_KINDS.has(type) ? "" : object.namespace}\0${object.name ?? ""}`;
}

/** Of objects with one type, namespace and name the newest. @param objects in order */
export function newest(objects: readonly ManifestObject[]): readonly ManifestObject[] {
  return [...new Map(objects.map((object) => [identityOf(object), object])).values()];
}

/**
 * Objects in an order that does not depend on the one they were read in: by type, namespace and name, and those of one
 * name from the oldest to the newest, as far as they tell (when they were made, their generation, their version: all
 * of these only grow). Of files the one that is applied last counts, as with `kubectl apply -f DIRECTORY`.
 */
export function inOrder(objects: readonly ManifestObject[]): readonly ManifestObject[] {
  return objects
    .map(keyed)
    .toSorted(compare)
    .map(({ object }) => object);
}

function keyed(object: ManifestObject): Keyed {
  const metadata = fieldOf(object.value, "metadata");
  const generation = fieldOf(metadata, "generation");
  return {
    object,
    key: identityOf(object),
    created: textOf(metadata, "creationTimestamp") ?? "",
    generation: typeof generation === "number" ? generation : 0,
    version: versionOf(textOf(metadata, "resourceVersion")),
  };
}

/** The API server's versions are numbers that grow; another server's may be anything. */
function versionOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/u.test(text) ? Number(text) : 0;
}

function compare(a: Keyed, b: Keyed): number {
  return (
    byText(a.key, b.key) ||
    byText(a.created, b.created) ||
    a.generation - b.generation ||
    a.version - b.version ||
    byText(a.object.file, b.object.file) ||
    a.object.document - b.object.document ||
    byText(JSON.stringify(a.object.value), JSON.stringify(b.object.value))
  );
}
