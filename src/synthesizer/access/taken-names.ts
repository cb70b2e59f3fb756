import { shortHash } from "../../lib/safe-name.ts";
import type { SuggestedBinding, SuggestedRole } from "../../model/access-policy.ts";
import { isLabelledOurs } from "../../model/labels.ts";
import type { RbacState, RoleRef } from "../../model/rbac.ts";

/** Roles, and who gets them. */
export interface RolesAndBindings {
  readonly roles: readonly SuggestedRole[];
  readonly bindings: readonly SuggestedBinding[];
}

/** Names of objects in force that are not ours to write over. */
export class TakenNames {
  readonly #roles: ReadonlySet<string>;
  readonly #bindings: ReadonlyMap<string, RoleRef>;

  constructor(inForce: RbacState | undefined) {
    const foreign = (inForce?.roles ?? []).filter((role) => !isLabelledOurs(role));
    this.#roles = new Set(foreign.map(({ kind, metadata }) => objectKey(kind, metadata.namespace, metadata.name)));
    this.#bindings = new Map(
      (inForce?.bindings ?? []).map(({ kind, metadata, roleRef }) => [
        objectKey(kind, metadata.namespace, metadata.name),
        roleRef,
      ]),
    );
  }

  /** The same with other names wherever somebody else's role has ours, or a binding in force is to another role. */
  avoid({ roles, bindings }: RolesAndBindings): RolesAndBindings {
    const renamed = new Map<string, string>();
    const ownRoles = roles.map((role) => {
      const key = objectKey(role.kind, role.namespace, role.name);
      const name = this.#roles.has(key) ? `${role.name}~${shortHash(role.subjectName)}` : role.name;
      renamed.set(key, name);
      return { ...role, name };
    });
    const ownBindings = bindings.map((binding) => {
      const namespace = binding.role.kind === "Role" ? binding.namespace : "";
      const name = renamed.get(objectKey(binding.role.kind, namespace, binding.role.name)) ?? binding.role.name;
      return this.#free({ ...binding, name, role: { ...binding.role, name } });
    });
    return { roles: ownRoles, bindings: ownBindings };
  }

  /** The name itself, or one with the role's hash, once that is what stands there, or while the name is another role's. */
  #free(binding: SuggestedBinding): SuggestedBinding {
    const { kind, namespace, name, role } = binding;
    const other = `${name}~${shortHash(JSON.stringify([role.kind, role.name]))}`;
    const at = (one: string) => this.#bindings.get(objectKey(kind, namespace, one));
    const isSame = (one: string) => at(one)?.kind === role.kind && at(one)?.name === role.name;
    if (isSame(name)) return binding;
    return at(name) !== undefined || isSame(other) ? { ...binding, name: other } : binding;
  }
}

function objectKey(kind: string, namespace: string | undefined, name: string): string {
  return JSON.stringify([kind, namespace ?? "", name]);
}
