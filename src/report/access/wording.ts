import type { AccessAttributes, AccessEvidence, Citation } from "../../model/access.ts";
import { ACCESS_RISKS, type AccessOrigin, type AccessRisk, type LeftOutReason } from "../../model/access-policy.ts";
import type { ApiUse } from "../../model/access-review.ts";
import type { RbacSubject } from "../../model/rbac.ts";
import { formatDay, thousands } from "../wording.ts";

/** Words that reports about access use. What comes from the cluster is raw here: each sink escapes for itself. */

/** What somebody did, by how much harm it could do; the last two are no risk of their own. */
export type AccessClass = AccessRisk | "read" | "write";

const READS: ReadonlySet<string> = new Set(["get", "list", "watch", "head", "options"]);

/** Its risk, else whether it only reads. Verbs that nobody knows are taken for writing. */
export function classOf(attributes: AccessAttributes, risk: AccessRisk | undefined): AccessClass {
  return risk ?? (READS.has(attributes.verb) ? "read" : "write");
}

/** Gravest first. */
export const CLASS_ORDER: readonly AccessClass[] = [...ACCESS_RISKS, "write", "read"];

/** What each risk means. */
export const RISK_WORDS: Readonly<Record<AccessRisk, string>> = {
  "change-access": "changes roles or bindings, or may grant more than it holds",
  impersonate: "acts as somebody else",
  "run-in-pods": "gets into running pods",
  "read-secrets": "reads Secrets",
  "mint-tokens": "makes tokens of ServiceAccounts",
  "reach-nodes": "reaches the kubelets of nodes",
  "change-admission": "changes what the API server admits",
  "approve-certificates": "approves or signs certificates",
  "run-workloads": "runs workloads, with whatever ServiceAccount their namespace has",
};

/** Why no role is to hold a use. */
export const LEFT_OUT_WORDS: Readonly<Record<LeftOutReason, string>> = {
  "default-grant": "everybody has it by bindings of Kubernetes itself",
  "literal-wildcard": "the request had a * in it, which in a role means everything",
  "namespace-gone": "the namespace is gone",
  "not-bound": "nobody to bind: a person without a known group, or a part of the cluster",
  "other-authorizer": "something else than RBAC let it through",
  "out-of-scope": "not asked about",
  rejected: "somebody rejected it",
  revoked: "RBAC in force does not allow it any more",
};

/** `1,204`, or `about 1,204` where the count is an estimate. */
export function formatRequests({ requests, exact }: Pick<AccessEvidence, "exact" | "requests">): string {
  return `${exact ? "" : "about "}${thousands(requests)}`;
}

/** `by ClusterRoleBinding ops of ClusterRole cluster-admin, for Group ops`. */
export function formatCitation(citation: Extract<Citation, { kind: "rbac" }>): string {
  const { binding, role, subject } = citation;
  const where = binding.namespace === "" ? "" : `${binding.namespace}/`;
  const who = subject.kind === "ServiceAccount" ? `${subject.namespace}/${subject.name}` : subject.name;
  return `by ${binding.kind} ${where}${binding.name} of ${role.kind} ${role.name}, for ${subject.kind} ${who}`;
}

/** `ServiceAccount shop/cart`, `Group ops`. */
export function formatSubject({ kind, namespace, name }: RbacSubject): string {
  return `${kind} ${namespace === undefined || namespace === "" ? "" : `${namespace}/`}${name}`;
}

/** Why a line is there, where it was not simply used; `reasons` are the names of inferences and idioms in words. */
export function formatOrigin(origin: AccessOrigin, reasons: Readonly<Partial<Record<string, string>>>): string {
  switch (origin.kind) {
    case "observed":
      return "";
    case "inferred":
      return `inferred: ${reasons[origin.because] ?? origin.because}`;
    case "idiom":
      return `idiom: ${reasons[origin.because] ?? origin.because}`;
    case "granted":
      return `granted on request: ${origin.because}`;
  }
}

/** What a workload does with its token, as a sentence. */
export function formatApiUse(use: ApiUse): string {
  const { serviceAccount } = use;
  switch (use.kind) {
    case "used":
      return `needed: ServiceAccount ${serviceAccount} called the API, ${formatRequests(use)} times, last on ${formatDay(use.lastSeen)}`;
    case "refused":
      return `every request of ServiceAccount ${serviceAccount} was refused, ${formatRequests(use)} times, last on ${formatDay(use.lastSeen)}`;
    case "unused":
      return `no request with the token of ServiceAccount ${serviceAccount} is in the audit log`;
    case "unknown":
      return `whether ServiceAccount ${serviceAccount} calls the API is not known: the audit log leaves out reads`;
  }
}
