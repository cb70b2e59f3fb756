import type { AccessPolicySet } from "../src/model/access-policy.ts";
import type { NetworkPolicy } from "../src/model/manifest.ts";
import type { PolicySet } from "../src/model/policy-set.ts";
import type { RbacManifest } from "../src/model/rbac.ts";
import { networkPolicies } from "./network-policy/network-policy.ts";
import { rbacFiles } from "./rbac/files.ts";
import { printManifest } from "./yaml.ts";

/** A manifest, where it goes below the output directory, and the text it is written as. */
export interface GeneratedFile {
  /** `namespace/name.yaml`. */
  readonly path: string;
  readonly manifest: NetworkPolicy;
  readonly yaml: string;
}

/** Output dialects by name. */
export type Dialect = "network-policy";

/** Writes a policy set down in a dialect: equal sets give equal bytes. */
export function generate(set: PolicySet, dialect: Dialect): GeneratedFile[] {
  const manifests = { "network-policy": networkPolicies }[dialect](set);
  return manifests.map((manifest) => ({
    path: `${manifest.metadata.namespace ?? ""}/${manifest.metadata.name}.yaml`,
    manifest,
    yaml: printManifest(manifest),
  }));
}

/** Roles and bindings of one subject in one scope, where they go below the output directory, and the text they are written as. */
export interface AccessFile {
  /** `NAMESPACE/rbac-NAME.yaml`, `cluster/cluster-rbac-NAME.yaml`. */
  readonly path: string;
  /** In the order of the text: each role, and its bindings behind it. */
  readonly manifests: readonly RbacManifest[];
  /** One document an object. */
  readonly yaml: string;
}

/** Writes down who may do what: equal sets give equal bytes. */
export function generateAccess(set: AccessPolicySet): AccessFile[] {
  return rbacFiles(set).map(({ path, manifests }) => ({ path, manifests, yaml: printDocuments(manifests) }));
}

/** Several objects as one file. */
export function printDocuments(objects: readonly object[]): string {
  return objects.map(printManifest).join("---\n");
}

export { type RbacDeletion, rbacDeletions, rbacEdits } from "./rbac/rbac.ts";
export { terraformObstacle, terraformText } from "./terraform/terraform.ts";
