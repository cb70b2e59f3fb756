import type { AccessAttributes } from "../../model/access.ts";
import type { PolicyRule } from "../../model/rbac.ts";
import { RuleIndex } from "./rule-index.ts";

/**
 * Everything that a rule grants, one thing each, in the order of the rule. An empty name means any.
 *
 * @param namespace where it is granted; empty: everywhere
 */
export function atomsOf(rule: PolicyRule, namespace: string): readonly AccessAttributes[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } = rule;
  const names = resourceNames.length === 0 ? [""] : resourceNames;
  return verbs.flatMap((verb): AccessAttributes[] => [
    ...nonResourceURLs.map((path) => ({ kind: "non-resource" as const, verb, path })),
    ...apiGroups.flatMap((apiGroup) =>
      resources.flatMap((written) =>
        names.map((name) => ({ kind: "resource" as const, verb, apiGroup, ...partsOf(written), namespace, name })),
      ),
    ),
  ]);
}

/** `pods/log` is the subresource `log` of `pods`. */
function partsOf(written: string): { readonly resource: string; readonly subresource: string } {
  const slash = written.indexOf("/");
  return slash < 0
    ? { resource: written, subresource: "" }
    : { resource: written.slice(0, slash), subresource: written.slice(slash + 1) };
}

/**
 * What of some rules others do not cover, one thing each: none where whoever holds `owner` holds `wanted` (Covers in
 * kubernetes/component-helpers, auth/rbac/validation/policy_comparator.go). The empty name in a list of names is taken for any.
 */
export function uncovered(owner: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly AccessAttributes[] {
  const index = new RuleIndex([{ rules: owner }]);
  return wanted.flatMap((rule) => atomsOf(rule, "")).filter((atom) => !index.covers(atom));
}

/** True where whoever holds `owner` holds `wanted`. */
export function covers(owner: readonly PolicyRule[], wanted: readonly PolicyRule[]): boolean {
  return uncovered(owner, wanted).length === 0;
}
