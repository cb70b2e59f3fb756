import type { AccessPolicySet } from "../src/model/access-policy.ts";
import type { NetworkPolicy } from "../src/model/manifest.ts";
import type { PolicySet } from "../src/model/policy-set.ts";
import type { RbacManifest } from "../src/model/rbac.ts";
import { networkPolicies } from "./network-policy/network-policy.ts";
import { rbacManifests } from "./rbac/rbac.ts";
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

/** Roles and bindings, where they go below the output directory, and the text they are written as. */
export interface AccessFile {
  /** `namespace/rbac-name.yaml`; `cluster/rbac-name.yaml` for what is cluster-scoped. */
  readonly path: string;
  /** A role and its bindings. */
  readonly manifests: readonly RbacManifest[];
  /** One document for each. */
  readonly yaml: string;
}

/** Writes roles and bindings down: equal sets give equal bytes. */
export function generateAccess(set: AccessPolicySet): AccessFile[] {
  return rbacManifests(set).map((manifest) => ({
    path: `${manifest.metadata.namespace ?? "cluster"}/rbac-${manifest.metadata.name}.yaml`,
    manifests: [manifest],
    yaml: printManifest(manifest),
  }));
}
