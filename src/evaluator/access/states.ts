import type { ReplacedBinding } from "../../model/access-policy.ts";
import { DEFAULT_BINDINGS, DEFAULT_ROLES } from "../../model/default-rbac.ts";
import type { BindingManifest, RbacManifest, RbacState, RoleManifest } from "../../model/rbac.ts";

/** Equal exactly for objects of one kind, namespace and name. */
export function keyOf({ kind, metadata: { namespace = "", name } }: Pick<RbacManifest, "kind" | "metadata">): string {
  return `${kind}\0${namespace}\0${name}`;
}

/** As people name it. */
export function labelOf({ kind, metadata: { namespace = "", name } }: Pick<RbacManifest, "kind" | "metadata">): string {
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
}

/** Roles among objects. */
export function rolesIn(objects: readonly RbacManifest[]): readonly RoleManifest[] {
  return objects.filter((object) => "rules" in object);
}

/** Bindings among objects. */
export function bindingsIn(objects: readonly RbacManifest[]): readonly BindingManifest[] {
  return objects.filter((object) => "roleRef" in object);
}

/** The key of the role that a binding is of. */
export function roleKeyOf({ roleRef: { kind, name }, metadata }: BindingManifest): string {
  return keyOf(kind === "Role" ? { kind, metadata: { ...metadata, name } } : { kind, metadata: { name } });
}

/** What is in force; without knowledge, what every cluster has. */
export function objectsInForce(inForce: RbacState | undefined): readonly RbacManifest[] {
  return inForce === undefined ? [...DEFAULT_ROLES, ...DEFAULT_BINDINGS] : [...inForce.roles, ...inForce.bindings];
}

/** True where everything in force is known. */
export function isWhole(inForce: RbacState | undefined): boolean {
  return inForce !== undefined && inForce.gaps === undefined;
}

/**
 * What will be in force once the manifests are applied and the replaced bindings removed.
 *
 * @param isRemoved which of the replaced bindings count as removed; by default those that nothing keeps
 */
export function proposedObjects(
  inForce: readonly RbacManifest[],
  {
    manifests,
    replaced,
  }: { readonly manifests: readonly RbacManifest[]; readonly replaced: readonly ReplacedBinding[] },
  isRemoved: (binding: ReplacedBinding) => boolean = ({ keep }) => keep === undefined,
): readonly RbacManifest[] {
  const removed = new Map(replaced.filter(isRemoved).map((binding) => [replacedKey(binding), binding]));
  const remaining = inForce.flatMap((object): readonly RbacManifest[] => {
    const change = "roleRef" in object ? removed.get(keyOf(object)) : undefined;
    if (change === undefined || !("roleRef" in object)) return [object];
    return change.keptSubjects.length === 0 ? [] : [{ ...object, subjects: change.keptSubjects }];
  });
  return [...new Map([...remaining, ...manifests].map((object) => [keyOf(object), object])).values()];
}

/** As {@link keyOf}. */
export function replacedKey({ kind, namespace, name }: ReplacedBinding): string {
  return keyOf({ kind, metadata: { name, namespace } });
}
