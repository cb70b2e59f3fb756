import { fieldOf, groupOf, isRecord } from "../objects/fields.ts";

const GROUPS: ReadonlySet<string> = new Set(["rbac.authorization.k8s.io", "audit.k8s.io"]);

/** What of an object's metadata is as long as the object and says nothing. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** An object of access control without what nobody reads of it; of every other, only what it is. */
export function prunedAccess(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { apiVersion, kind } = value;
  const metadata = fieldOf(value, "metadata");
  if (typeof apiVersion !== "string" || !GROUPS.has(groupOf(apiVersion))) {
    return { apiVersion, kind, metadata: { name: fieldOf(metadata, "name") } };
  }
  return isRecord(metadata) ? { ...value, metadata: prunedMetadata(metadata) } : value;
}

function prunedMetadata(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { managedFields: _, ...rest } = metadata;
  const annotations = rest["annotations"];
  if (!isRecord(annotations)) return rest;
  return {
    ...rest,
    annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== LAST_APPLIED)),
  };
}
