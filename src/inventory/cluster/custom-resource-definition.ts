import type { JsonObject } from "../../model/kubernetes-api.ts";

/** What of a definition's spec says who is called to convert its objects. */
const KEPT: readonly string[] = ["group", "names", "scope", "conversion"];

/**
 * A CustomResourceDefinition without the schemas of its versions, which can be megabytes and say nothing about traffic.
 * Every other object as it is.
 */
export function withoutSchemas(value: JsonObject): JsonObject {
  const { spec } = value;
  if (value["kind"] !== "CustomResourceDefinition" || typeof spec !== "object" || spec === null) return value;
  return { ...value, spec: Object.fromEntries(Object.entries(spec).filter(([key]) => KEPT.includes(key))) };
}
