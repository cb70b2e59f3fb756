import type { AccessAttributes, Identity } from "../../../src/model/access.ts";
import type { BindingManifest, PolicyRule, RbacManifest, RbacSubject } from "../../../src/model/rbac.ts";

/**
 * RBAC's authorizer as its source reads (kubernetes v1.37, plugin/pkg/auth/authorizer/rbac/rbac.go,
 * pkg/apis/rbac/v1/evaluation_helpers.go, pkg/registry/rbac/validation/rule.go), line by line and without an index.
 *
 * @returns the bindings that allow it
 */
export function plainDecision(
  objects: readonly RbacManifest[],
  user: Identity,
  asked: AccessAttributes,
): readonly BindingManifest[] {
  const namespace = asked.kind === "resource" ? asked.namespace : "";
  const allowing: BindingManifest[] = [];
  for (const binding of objects) {
    if (!("roleRef" in binding)) continue;
    const isClusterWide = binding.kind === "ClusterRoleBinding";
    if (!isClusterWide && (namespace === "" || binding.metadata.namespace !== namespace)) continue;
    const bindingNamespace = isClusterWide ? "" : namespace;
    if (!binding.subjects.some((subject) => appliesToUser(user, subject, bindingNamespace))) continue;
    const rules = roleReferenceRules(objects, binding, bindingNamespace);
    if (rules.some((rule) => ruleAllows(asked, rule))) allowing.push(binding);
  }
  return allowing;
}

function roleReferenceRules(
  objects: readonly RbacManifest[],
  { roleRef }: BindingManifest,
  bindingNamespace: string,
): readonly PolicyRule[] {
  for (const role of objects) {
    if (!("rules" in role) || role.kind !== roleRef.kind || role.metadata.name !== roleRef.name) continue;
    if (role.kind === "ClusterRole" || (bindingNamespace !== "" && role.metadata.namespace === bindingNamespace)) {
      return role.rules;
    }
  }
  return [];
}

function appliesToUser(user: Identity, subject: RbacSubject, namespace: string): boolean {
  switch (subject.kind) {
    case "User":
      return user.username === subject.name;
    case "Group":
      return user.groups.includes(subject.name);
    case "ServiceAccount": {
      let saNamespace = namespace;
      if (subject.namespace !== undefined && subject.namespace.length > 0) saNamespace = subject.namespace;
      if (saNamespace.length === 0) return false;
      return user.username === `system:serviceaccount:${saNamespace}:${subject.name}`;
    }
  }
}

function ruleAllows(asked: AccessAttributes, rule: PolicyRule): boolean {
  const verbMatches = rule.verbs.some((ruleVerb) => ruleVerb === "*" || ruleVerb === asked.verb);
  if (asked.kind === "non-resource") return verbMatches && nonResourceURLMatches(rule, asked.path);
  const combined = asked.subresource.length > 0 ? `${asked.resource}/${asked.subresource}` : asked.resource;
  return (
    verbMatches &&
    (rule.apiGroups ?? []).some((ruleGroup) => ruleGroup === "*" || ruleGroup === asked.apiGroup) &&
    resourceMatches(rule, combined, asked.subresource) &&
    resourceNameMatches(rule, asked.name)
  );
}

function resourceMatches(rule: PolicyRule, combined: string, subresource: string): boolean {
  for (const ruleResource of rule.resources ?? []) {
    if (ruleResource === "*") return true;
    if (ruleResource === combined) return true;
    if (subresource.length === 0) continue;
    if (
      ruleResource.length === subresource.length + 2 &&
      ruleResource.startsWith("*/") &&
      ruleResource.endsWith(subresource)
    ) {
      return true;
    }
  }
  return false;
}

function resourceNameMatches(rule: PolicyRule, name: string): boolean {
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(name);
}

function nonResourceURLMatches(rule: PolicyRule, path: string): boolean {
  for (const ruleURL of rule.nonResourceURLs ?? []) {
    if (ruleURL === "*") return true;
    if (ruleURL === path) return true;
    if (ruleURL.endsWith("*") && path.startsWith(trimRight(ruleURL))) return true;
  }
  return false;
}

function trimRight(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === "*") end--;
  return text.slice(0, end);
}
