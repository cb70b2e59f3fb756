import type { ManifestObject } from "../model/manifest-object.ts";
import { pluralOf } from "../model/plural.ts";
import { groupOf, isRecord } from "./objects/fields.ts";

/**
 * What stands in manifests that people keep, and so has the same name tomorrow: `RESOURCE[.GROUP] NAMESPACE/NAME`, the
 * namespace empty where none is written, as for what belongs to none. Objects of a dump, which have a uid, are as they happened
 * to be.
 */
export function writtenNames(objects: readonly ManifestObject[]): ReadonlySet<string> {
  return new Set(objects.flatMap(namesOf));
}

function namesOf({ apiVersion, kind, name, namespace, value }: ManifestObject): readonly string[] {
  const { metadata } = value;
  if (name === undefined || !isRecord(metadata) || metadata["uid"] !== undefined) return [];
  const group = groupOf(apiVersion);
  const resource = `${pluralOf(kind)}${group === "" ? "" : `.${group}`}`;
  const own = `${resource} ${namespace}/${name}`;
  // Nothing tells here whether the kind belongs to namespaces.
  return metadata["namespace"] === undefined ? [own, `${resource} /${name}`] : [own];
}
