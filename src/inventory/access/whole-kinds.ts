import type { ManifestObject } from "../../model/manifest-object.ts";
import { isLive, type RbacKind, rbacKindOf } from "./read-object.ts";

type Mark = readonly [namespace: string, name: string];

const CLUSTER_WIDE: readonly Mark[] = [
  ["", "cluster-admin"],
  ["", "system:discovery"],
];
/** In two namespaces, so that a dump of one is told apart. */
const NAMESPACED: readonly Mark[] = [
  ["kube-public", "system:controller:bootstrap-signer"],
  ["kube-system", "system::leader-locking-kube-controller-manager"],
];

/** Objects that every cluster makes for itself: a dump that holds them is one of all objects of the kind. */
const MARKS: Readonly<Record<RbacKind, readonly Mark[]>> = {
  ClusterRole: CLUSTER_WIDE,
  ClusterRoleBinding: CLUSTER_WIDE,
  Role: NAMESPACED,
  RoleBinding: NAMESPACED,
};

/** The kinds of which every object is known. @param listed those that were listed to the end in the cluster */
export function wholeKinds(objects: readonly ManifestObject[], listed: ReadonlySet<RbacKind>): ReadonlySet<RbacKind> {
  const live = new Set(objects.filter(isLive).map((object) => keyOf(object)));
  const kinds: readonly RbacKind[] = ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
  return new Set(
    kinds.filter(
      (kind) =>
        listed.has(kind) || MARKS[kind].every(([namespace, name]) => live.has(`${kind}\0${namespace}\0${name}`)),
    ),
  );
}

function keyOf(object: ManifestObject): string {
  const kind = rbacKindOf(object);
  const isNamespaced = kind === "Role" || kind === "RoleBinding";
  return `${kind ?? ""}\0${isNamespaced ? object.namespace : ""}\0${object.name ?? ""}`;
}
