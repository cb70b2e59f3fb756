import type { AccessAttributes } from "../../model/access.ts";

/** Everything that attributes say, in one order, whoever made the object. */
export function partsOf(attributes: AccessAttributes): readonly string[] {
  if (attributes.kind === "non-resource") return [attributes.verb, attributes.path];
  const { verb, apiGroup, resource, subresource, namespace, name } = attributes;
  return [verb, apiGroup, resource, subresource, namespace, name];
}

/** A namespace as an object is in itself: there any name is its own (k8s.io/apiserver, pkg/endpoints/request/requestinfo.go). */
export function withOwnName(attributes: AccessAttributes): AccessAttributes {
  if (attributes.kind !== "resource" || attributes.name !== "" || attributes.namespace === "") return attributes;
  const { apiGroup, resource, namespace } = attributes;
  return apiGroup === "" && resource === "namespaces" ? { ...attributes, name: namespace } : attributes;
}
