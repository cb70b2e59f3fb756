import type { AccessAttributes, ResourceAttributes } from "../../model/access.ts";
import type { PolicyRule } from "../../model/rbac.ts";
import { resourceText } from "./attributes.ts";

/** `*`, exactly, or by the beginning before a trailing `*` (kubernetes, pkg/apis/rbac/v1/evaluation_helpers.go). */
export function isUrlMatched(pattern: string, path: string): boolean {
  if (pattern === "*" || pattern === path) return true;
  return pattern.endsWith("*") && path.startsWith(pattern.replace(/\*+$/u, ""));
}

/** What a rule says of a request (kubernetes, plugin/pkg/auth/authorizer/rbac, RuleAllows). */
export function ruleAllows(rule: PolicyRule, attributes: AccessAttributes): boolean {
  if (!holds(rule.verbs, attributes.verb)) return false;
  if (attributes.kind === "non-resource") {
    return (rule.nonResourceURLs ?? []).some((pattern) => isUrlMatched(pattern, attributes.path));
  }
  const names = rule.resourceNames ?? [];
  return isAboutResource(rule, attributes) && (names.length === 0 || names.includes(attributes.name));
}

function isAboutResource(rule: PolicyRule, attributes: ResourceAttributes): boolean {
  const resources = rule.resources ?? [];
  const { apiGroup, subresource } = attributes;
  return (
    holds(rule.apiGroups, apiGroup) &&
    (holds(resources, resourceText(attributes)) || (subresource !== "" && resources.includes(`*/${subresource}`)))
  );
}

/** Names (or paths, with patterns) that a rule lists for what differs in the name alone. */
export function namesOfRule(rule: PolicyRule, attributes: AccessAttributes): readonly string[] {
  if (!holds(rule.verbs, attributes.verb)) return [];
  if (attributes.kind === "non-resource") return rule.nonResourceURLs ?? [];
  return isAboutResource(rule, attributes) ? (rule.resourceNames ?? []) : [];
}

function holds(list: readonly string[] | undefined, item: string): boolean {
  return list !== undefined && (list.includes("*") || list.includes(item));
}
