import { by, byText } from "../../lib/sort.ts";
import type { AccessAttributes, ResourceAttributes } from "../../model/access.ts";
import type { PolicyRule } from "../../model/rbac.ts";
import { resourceText } from "./attributes.ts";

/** Rows of a table whose cells are sets: each stands for all combinations. */
interface Row {
  readonly group: string;
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
  /** Empty: any. */
  readonly names: readonly string[];
}

/**
 * Writes attributes of one scope as few rules that allow them and nothing else (rule 36): never across groups, never names
 * with no names. Lists and rules are sorted, whatever the order of the input.
 */
export function compactRules(attributes: readonly AccessAttributes[]): PolicyRule[] {
  const resources = attributes.filter((one) => one.kind === "resource");
  const paths = attributes.filter((one) => one.kind === "non-resource");
  const urls = mergeBy(
    mergeBy(
      paths.map(({ verb, path }) => ({ group: "", verbs: [verb], resources: [path], names: [] })),
      "verbs",
    ),
    "resources",
  );
  return [
    ...resourceRows(resources).toSorted(by(rowKey)).map(resourceRule),
    ...urls.toSorted(by(rowKey)).map(({ verbs, resources: nonResourceURLs }) => ({ nonResourceURLs, verbs })),
  ];
}

function resourceRows(attributes: readonly ResourceAttributes[]): Row[] {
  const unnamed = new Set(attributes.filter(({ name }) => name === "").map(anyNameKey));
  const rows = attributes
    .filter((one) => one.name === "" || !unnamed.has(anyNameKey(one)))
    .map((one) => ({
      group: one.apiGroup,
      verbs: [one.verb],
      resources: [resourceText(one)],
      names: one.name === "" ? [] : [one.name],
    }));
  const any = rows.filter(({ names }) => names.length === 0);
  const named = rows.filter(({ names }) => names.length > 0);
  return [
    ...mergeBy(mergeBy(any, "verbs"), "resources"),
    ...mergeBy(mergeBy(mergeBy(named, "verbs"), "names"), "resources"),
  ];
}

/** Rows that differ in one cell alone become one. */
function mergeBy(rows: readonly Row[], cell: "verbs" | "resources" | "names"): Row[] {
  const merged = new Map<string, Row>();
  for (const row of rows) {
    const key = rowKey({ ...row, [cell]: [] });
    const known = merged.get(key);
    const all = known === undefined ? row[cell] : [...known[cell], ...row[cell]];
    merged.set(key, { ...row, [cell]: [...new Set(all)].toSorted(byText) });
  }
  return [...merged.values()];
}

function resourceRule({ group, verbs, resources, names }: Row): PolicyRule {
  const rule = { apiGroups: [group], resources };
  return names.length === 0 ? { ...rule, verbs } : { ...rule, resourceNames: names, verbs };
}

function rowKey({ group, resources, names, verbs }: Row): string {
  return JSON.stringify([group, resources, names, verbs]);
}

function anyNameKey({ apiGroup, verb, resource, subresource }: ResourceAttributes): string {
  return JSON.stringify([apiGroup, verb, resource, subresource]);
}
