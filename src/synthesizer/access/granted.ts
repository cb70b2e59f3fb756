import type { AccessAttributes } from "../../model/access.ts";
import type { PolicyRule, RbacSubject } from "../../model/rbac.ts";
import { askerOfSubject } from "./askers.ts";
import { type InForce } from "./in-force.ts";
import { ruleAllows } from "./rule-matching.ts";

/** One thing that RBAC in force gives: a verb on a resource in a scope by a name or any; wildcards count as one. */
interface GrantedAtom {
  /** Undefined: the whole cluster. */
  readonly namespace: string | undefined;
  /** A rule that holds the atom and nothing else. */
  readonly rule: PolicyRule;
}

/** How many atoms (rule 42) the RBAC in force gives a subject, and how many of these were used. */
export function countGranted(
  subject: RbacSubject,
  used: readonly AccessAttributes[],
  inForce: InForce,
): { readonly granted: number; readonly used: number } {
  const atoms = new Map<string, GrantedAtom>();
  for (const { binding, rules } of inForce.heldBy(askerOfSubject(subject))) {
    const namespace = binding.kind === "RoleBinding" ? binding.metadata.namespace : undefined;
    for (const rule of (rules ?? []).flatMap(splitRule)) {
      atoms.set(JSON.stringify([namespace, rule]), { namespace, rule });
    }
  }
  const isUsed = ({ namespace, rule }: GrantedAtom): boolean =>
    used.some((one) => (namespace === undefined || isIn(namespace, one)) && ruleAllows(rule, one));
  return { granted: atoms.size, used: [...atoms.values()].filter(isUsed).length };
}

function isIn(namespace: string, attributes: AccessAttributes): boolean {
  return attributes.kind === "resource" && attributes.namespace === namespace;
}

/** A rule with one of each: together they allow what the rule allows. */
export function splitRule(rule: PolicyRule): PolicyRule[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const names = resourceNames.length === 0 ? [undefined] : resourceNames;
  return rule.verbs.flatMap((verb) => [
    ...nonResourceURLs.map((url) => ({ nonResourceURLs: [url], verbs: [verb] })),
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        names.map((name) => ({
          apiGroups: [group],
          resources: [resource],
          verbs: [verb],
          ...(name === undefined ? {} : { resourceNames: [name] }),
        })),
      ),
    ),
  ]);
}
