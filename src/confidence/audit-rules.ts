import type { AccessAttributes, AuditStage, Identity, ResourceAttributes } from "../model/access.ts";
import type { AuditPolicy, AuditRule } from "../model/rbac.ts";
import { certainGroups } from "../model/service-account.ts";

/** Verbs of requests that name one object; the name may be unknown to whoever asks. */
const NAMING_VERBS: ReadonlySet<string> = new Set(["get", "update", "patch", "delete"]);

/**
 * Whether an audit Policy lets requests be logged in a stage that shows what became of them: `true`, or why not. The first rule
 * that matches counts, and without one nothing is logged (k8s.io/apiserver, pkg/audit/policy/checker.go).
 *
 * @param identity who asks, not who is impersonated: the Policy is asked before that is known
 */
export function policyAnswer(policy: AuditPolicy, identity: Identity, asked: AccessAttributes): true | string {
  for (const rule of policy.rules) {
    const isNoneForSome = isUnnamed(asked) && rule.level === "None" && matches(rule, identity, asked, true);
    if (isNoneForSome && !matches(rule, identity, asked, false)) {
      return "the audit Policy leaves some of such requests out, by name";
    }
    if (!matches(rule, identity, asked, false)) continue;
    if (rule.level === "None") return "the audit Policy leaves such requests out";
    return lacksStages(rule.omitStages ?? [])
      ? "the audit Policy leaves out the stages that tell what became of such requests"
      : true;
  }
  return "no rule of the audit Policy is about such requests, so they are not logged";
}

function isUnnamed(asked: AccessAttributes): boolean {
  return asked.kind === "resource" && asked.name === "" && NAMING_VERBS.has(asked.verb);
}

/** Without the last stage only requests that last (watch, exec) would show, and these only where they are told when they start. */
function lacksStages(omitted: readonly AuditStage[]): boolean {
  return omitted.includes("ResponseComplete");
}

/** @param anyName true: a rule about some names counts as well */
function matches(rule: AuditRule, { username, groups }: Identity, asked: AccessAttributes, anyName: boolean): boolean {
  const { namespaces = [], resources = [], nonResourceURLs = [] } = rule;
  const isAbout = accepts(rule.users, [username]) && accepts(rule.verbs, [asked.verb]);
  if (!isAbout || !accepts(rule.userGroups, [...groups, ...certainGroups(username)])) return false;
  if (namespaces.length > 0 || resources.length > 0) {
    return asked.kind === "resource" && matchesResource(rule, asked, anyName);
  }
  if (nonResourceURLs.length === 0) return true;
  return asked.kind === "non-resource" && nonResourceURLs.some((url) => matchesPath(url, asked.path));
}

/** A list that is not there accepts everything. */
function accepts(list: readonly string[] = [], values: readonly string[]): boolean {
  return list.length === 0 || values.some((value) => list.includes(value));
}

function matchesPath(url: string, path: string): boolean {
  return url === path || (url.endsWith("*") && path.startsWith(url.replace(/\*+$/u, "")));
}

function matchesResource(
  { namespaces = [], resources = [] }: AuditRule,
  asked: ResourceAttributes,
  anyName: boolean,
): boolean {
  if (namespaces.length > 0 && !namespaces.includes(asked.namespace)) return false;
  if (resources.length === 0) return true;
  return resources.some(({ group = "", resources: written = [], resourceNames = [] }) => {
    if (group !== "*" && group !== asked.apiGroup) return false;
    if (written.length === 0) return true;
    const isNamed = resourceNames.length === 0 || resourceNames.includes(asked.name) || anyName;
    return isNamed && written.some((one) => isWrittenAs(one, asked));
  });
}

/** Unlike in RBAC's rules, `pods/*` stands for the pods and everything below them. */
function isWrittenAs(written: string, { resource, subresource }: ResourceAttributes): boolean {
  if (written === "*" || written === `${resource}/*`) return true;
  if (subresource === "") return written === resource;
  return written === `${resource}/${subresource}` || written === `*/${subresource}`;
}
