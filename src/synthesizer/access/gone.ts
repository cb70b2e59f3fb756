import type { AccessGraph } from "../../model/access.ts";
import { scopeOf } from "./attributes.ts";

/**
 * Namespaces that a role can't be written into (rule 32): those that are known not to exist, and where nobody tells which do,
 * those that were seen being deleted.
 */
export function goneNamespaces(graph: AccessGraph, existing: ReadonlySet<string> | undefined): ReadonlySet<string> {
  const uses = graph.uses.filter(({ outcome }) => outcome !== "denied");
  if (existing !== undefined) {
    const named = uses.map(({ attributes }) => scopeOf(attributes));
    return new Set(named.filter((namespace) => namespace !== "" && !existing.has(namespace)));
  }
  const deleted = uses.filter(
    ({ attributes, evidence }) =>
      attributes.kind === "resource" &&
      attributes.resource === "namespaces" &&
      attributes.apiGroup === "" &&
      attributes.subresource === "" &&
      attributes.verb === "delete" &&
      evidence.codes.some((code) => code >= 200 && code < 300),
  );
  return new Set(deleted.map(({ attributes }) => scopeOf(attributes)).filter((namespace) => namespace !== ""));
}
