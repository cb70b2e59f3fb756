import type { NetworkPolicy } from "../src/model/manifest.ts";
import type { PolicySet } from "../src/model/policy-set.ts";
import { networkPolicies } from "./network-policy/network-policy.ts";
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
