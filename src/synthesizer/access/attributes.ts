import type { AccessAttributes, ResourceAttributes } from "../../model/access.ts";
import { withName } from "../../model/access-attributes.ts";

/** Equal for equal attributes; sorts by scope, group, resource, verb and name. */
export function attributesKey(attributes: AccessAttributes): string {
  if (attributes.kind === "non-resource") return JSON.stringify(["", "~", attributes.path, attributes.verb]);
  const { namespace, apiGroup, verb, name } = attributes;
  return JSON.stringify([namespace, apiGroup, resourceText(attributes), verb, name]);
}

/** Equal for what differs in the name (or path) alone. */
export function familyKey(attributes: AccessAttributes): string {
  return attributesKey(withName(attributes, ""));
}

/** The namespace a role for it stands in; empty: it takes a ClusterRole and a ClusterRoleBinding. */
export function scopeOf(attributes: AccessAttributes): string {
  return attributes.kind === "resource" ? attributes.namespace : "";
}

/** As rules have it: `pods`, `pods/log`. */
export function resourceText({ resource, subresource }: Pick<ResourceAttributes, "resource" | "subresource">): string {
  return subresource === "" ? resource : `${resource}/${subresource}`;
}

/**
 * True where a request was made with a literal `*`, which asks for nothing that exists, and which a rule would take for
 * everything. Whoever holds wildcards is allowed it.
 */
export function hasLiteralWildcard(attributes: AccessAttributes, isMany: boolean): boolean {
  if (attributes.verb === "*") return true;
  if (attributes.kind === "non-resource") return !isMany && attributes.path.endsWith("*");
  return [attributes.apiGroup, attributes.resource, attributes.subresource].includes("*");
}
