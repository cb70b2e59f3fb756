import type { ManifestPath } from "../../model/manifest-object.ts";
import type { PolicyRule } from "../../model/rbac.ts";
import type { FieldReader } from "./field-reader.ts";

const LISTS = ["apiGroups", "resources", "resourceNames", "nonResourceURLs", "verbs"] as const;

/**
 * The rules of a role, empty lists left out. What the API server refuses is noted (ValidatePolicyRule in kubernetes,
 * pkg/apis/rbac/validation/validation.go).
 */
export function readRules(fields: FieldReader, isNamespaced: boolean): readonly PolicyRule[] {
  return fields.mappings(["rules"]).map((path) => {
    const rule = readRule(fields, path);
    refuseRule(fields, path, { rule, isNamespaced });
    return rule;
  });
}

function readRule(fields: FieldReader, path: ManifestPath): PolicyRule {
  const lists = LISTS.map((key) => [key, fields.texts([...path, key])] as const);
  const { verbs = [], ...rest } = Object.fromEntries(lists.filter(([, texts]) => texts.length > 0));
  return { ...rest, verbs };
}

function refuseRule(
  fields: FieldReader,
  path: ManifestPath,
  { rule, isNamespaced }: { readonly rule: PolicyRule; readonly isNamespaced: boolean },
): void {
  const { apiGroups, resources, resourceNames, nonResourceURLs, verbs } = rule;
  if (verbs.length === 0) fields.refuse([...path, "verbs"], "must contain at least one verb");
  if (nonResourceURLs !== undefined) {
    const at = [...path, "nonResourceURLs"];
    if (isNamespaced) fields.refuse(at, "paths are of no namespace: only a ClusterRole can grant them");
    if (apiGroups !== undefined || resources !== undefined || resourceNames !== undefined) {
      fields.refuse(at, "a rule is about resources or about paths, never about both");
    }
    return;
  }
  if (apiGroups === undefined) {
    fields.refuse([...path, "apiGroups"], 'must contain at least one group; the core group is ""');
  }
  if (resources === undefined) fields.refuse([...path, "resources"], "must contain at least one resource");
}
