import { stringify } from "yaml";

/**
 * Prints one manifest as a YAML document: keys in the order of the object, strings quoted that a YAML 1.1 reader (as in
 * kubectl) would take for something else, no aliases, a newline at the end.
 */
export function printManifest(manifest: object): string {
  return stringify(manifest, { compat: "yaml-1.1", aliasDuplicateObjects: false, lineWidth: 0 });
}
