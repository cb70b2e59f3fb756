import { canonicalText } from "../../lib/canonical.ts";
import type { BindingManifest, PolicyRule, RoleManifest } from "../../model/rbac.ts";
import type { ObjectGrowth } from "./object-growth.ts";

/** How a role changes: what it allows is compared verb by verb, whatever rules say it. */
export function roleGrowth(current: RoleManifest, desired: RoleManifest): ObjectGrowth {
  const added = desired.rules.filter((rule) => !isCovered(rule, current.rules));
  const isNarrower = current.rules.some((rule) => !isCovered(rule, desired.rules));
  const isWider = added.length > 0;
  const union: RoleManifest = { ...desired, rules: [...current.rules, ...added] };
  return { isWider, isNarrower, widened: isWider ? (isNarrower ? union : desired) : current };
}

/** How a binding changes; one that is to refer to another role is another binding, which nobody may edit into it. */
export function bindingGrowth(current: BindingManifest, desired: BindingManifest): ObjectGrowth {
  if (canonicalText(current.roleRef) !== canonicalText(desired.roleRef)) {
    return { isWider: false, isNarrower: true, widened: current };
  }
  const [now, then] = [current.subjects, desired.subjects].map((subjects) => new Set(subjects.map(canonicalText)));
  const added = desired.subjects.filter((subject) => now?.has(canonicalText(subject)) !== true);
  const isNarrower = current.subjects.some((subject) => then?.has(canonicalText(subject)) !== true);
  const union: BindingManifest = { ...desired, subjects: [...current.subjects, ...added] };
  return {
    isWider: added.length > 0,
    isNarrower,
    widened: added.length === 0 ? current : isNarrower ? union : desired,
  };
}

/** What one rule allows, one by one: verb, group, resource and name, or verb and path. */
export function ruleAtoms({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): string[][] {
  const names = resourceNames.length === 0 ? ["*"] : resourceNames;
  return verbs.flatMap((verb) => [
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) => names.map((name) => [verb, group, resource, name])),
    ),
    ...nonResourceURLs.map((path) => [verb, path]),
  ]);
}

function isCovered(rule: PolicyRule, by: readonly PolicyRule[]): boolean {
  const others = by.flatMap(ruleAtoms);
  return ruleAtoms(rule).every((atom) =>
    others.some(
      (other) => other.length === atom.length && other.every((part, at) => part === "*" || part === atom[at]),
    ),
  );
}
