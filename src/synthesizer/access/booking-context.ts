import type { AccessAttributes } from "../../model/access.ts";
import type { RbacSubject } from "../../model/rbac.ts";
import { scopeOf } from "./attributes.ts";
import type { InForce } from "./in-force.ts";
import { type AccessOptions, isAccountInScope } from "./options.ts";

/** What deciding about uses depends on. */
export interface BookingContext {
  readonly inForce: InForce;
  readonly options: AccessOptions;
  /** Namespaces that no role can be written into. */
  readonly gone: ReadonlySet<string>;
  /** Resources whose objects are known to be in namespaces. */
  readonly namespaced: ReadonlySet<string>;
}

/** True where the operator wants roles for it. */
export function isWanted(subject: RbacSubject, attributes: AccessAttributes, options: AccessOptions): boolean {
  const home = subject.kind === "ServiceAccount" ? (subject.namespace ?? "") : undefined;
  if (home !== undefined && !isAccountInScope(home, options)) return false;
  const { namespaces } = options;
  return namespaces.length === 0 || namespaces.includes(home ?? "") || namespaces.includes(scopeOf(attributes));
}
