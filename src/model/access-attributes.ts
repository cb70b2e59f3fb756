import type { AccessAttributes, ResourceAttributes } from "./access.ts";

/** The name of an object, or the path; empty: none. */
export function nameOf(attributes: AccessAttributes): string {
  return attributes.kind === "resource" ? attributes.name : attributes.path;
}

/** The attributes with another name (or path), their keys in one order. */
export function withName(attributes: AccessAttributes, name: string): AccessAttributes {
  if (attributes.kind === "non-resource") return { kind: "non-resource", verb: attributes.verb, path: name };
  const { kind, verb, apiGroup, resource, subresource, namespace } = attributes;
  return { kind, verb, apiGroup, resource, subresource, namespace, name };
}

/** `deployments.apps/scale`. */
export function resourceTypeText({
  apiGroup,
  resource,
  subresource,
}: Pick<ResourceAttributes, "apiGroup" | "resource" | "subresource">): string {
  return `${resource}${apiGroup === "" ? "" : `.${apiGroup}`}${subresource === "" ? "" : `/${subresource}`}`;
}

/** As people and `--grant` have it: `get deployments.apps/scale in shop named web`, `get /metrics`. Raw: sinks escape. */
export function attributesText(attributes: AccessAttributes): string {
  if (attributes.kind === "non-resource") return `${attributes.verb} ${attributes.path}`;
  const { verb, namespace, name } = attributes;
  const where = namespace === "" ? "" : ` in ${namespace}`;
  return `${verb} ${resourceTypeText(attributes)}${where}${name === "" ? "" : ` named ${name}`}`;
}
