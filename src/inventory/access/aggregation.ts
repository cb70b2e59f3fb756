import { isSameData } from "../../lib/equal.ts";
import { by } from "../../lib/sort.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../../model/manifest.ts";
import type { ManifestPath } from "../../model/manifest-object.ts";
import type { KnownRole, PolicyRule } from "../../model/rbac.ts";
import { matchesSelector } from "../objects/label-selector.ts";
import type { FieldReader } from "./field-reader.ts";

const AGGREGATION: ManifestPath = ["aggregationRule"];

/** The selectors of the roles whose rules a ClusterRole takes over; undefined where it has rules of its own. */
export function readSelectors(fields: FieldReader): readonly LabelSelector[] | undefined {
  if (!fields.has(AGGREGATION)) return undefined;
  const path = [...AGGREGATION, "clusterRoleSelectors"];
  const selectors = fields.mappings(path).map((at) => readSelector(fields, at));
  if (selectors.length === 0) fields.refuse(path, "must contain at least one selector");
  return selectors;
}

function readSelector(fields: FieldReader, path: ManifestPath): LabelSelector {
  return {
    matchLabels: fields.textsByKey([...path, "matchLabels"]),
    matchExpressions: fields.mappings([...path, "matchExpressions"]).flatMap((at) => readRequirement(fields, at) ?? []),
  };
}

function readRequirement(fields: FieldReader, path: ManifestPath): LabelSelectorRequirement | undefined {
  const key = fields.text([...path, "key"]);
  const operator = fields.text([...path, "operator"]);
  const values = fields.texts([...path, "values"]);
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length > 0) return { key, operator, values };
      fields.refuse([...path, "values"], `must contain at least one value for ${operator}`);
      return undefined;
    case "Exists":
    case "DoesNotExist":
      if (values.length === 0) return { key, operator };
      fields.refuse([...path, "values"], `must be left out for ${operator}`);
      return undefined;
    default:
      fields.refuse([...path, "operator"], `${JSON.stringify(operator)} must be In, NotIn, Exists or DoesNotExist`);
      return undefined;
  }
}

/** A ClusterRole that was read, and whose rules it takes over. */
export interface ReadRole {
  readonly role: KnownRole;
  readonly selectors: readonly LabelSelector[] | undefined;
}

/**
 * The roles with the rules that the controller writes into aggregated ones: those of the roles they select, by name, each
 * once (kubernetes, pkg/controller/clusterroleaggregation). What a cluster shows in such a role is what is in force.
 */
export function aggregate(read: readonly ReadRole[]): readonly KnownRole[] {
  const clusterRoles = read
    .filter(({ role }) => role.kind === "ClusterRole")
    .toSorted(by(({ role }) => role.metadata.name));
  return read.map(({ role, selectors }) =>
    selectors === undefined || role.rules.length > 0
      ? role
      : { ...role, rules: collected({ role, selectors }, clusterRoles) },
  );
}

/** Roles that select each other add nothing in the second round. */
function collected(wanted: ReadRole, clusterRoles: readonly ReadRole[]): readonly PolicyRule[] {
  const rules: PolicyRule[] = [];
  const seen = new Set([wanted.role.metadata.name]);
  const visit = ({ selectors = [] }: ReadRole): void => {
    for (const found of clusterRoles.filter(({ role }) => isSelected(role, selectors))) {
      const { name } = found.role.metadata;
      if (seen.has(name)) continue;
      seen.add(name);
      for (const rule of found.role.rules) if (!rules.some((known) => isSameData(known, rule))) rules.push(rule);
      if (found.selectors !== undefined && found.role.rules.length === 0) visit(found);
    }
  };
  visit(wanted);
  return rules;
}

function isSelected({ metadata }: KnownRole, selectors: readonly LabelSelector[]): boolean {
  return selectors.some((selector) => matchesSelector(selector, metadata.labels ?? {}));
}
