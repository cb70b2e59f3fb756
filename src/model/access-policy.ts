import type { AccessAttributes, AccessEvidence } from "./access.ts";
import type { Finding } from "./finding.ts";
import type { PolicyRule, RbacSubject } from "./rbac.ts";

/** Why a role holds something. */
export type AccessOrigin =
  /** It was used. */
  | { readonly kind: "observed" }
  /** A check that leaves no event: `because` names the rule, such as `create-on-apply`. */
  | { readonly kind: "inferred"; readonly because: string }
  /** What such clients do sooner or later: `because` names the idiom, such as `watch-needs-list`. */
  | { readonly kind: "idiom"; readonly because: string }
  /** A denied need that the operator granted by name. */
  | { readonly kind: "granted"; readonly because: string };

/** One line of a role before compaction: what it allows, and why. */
export interface AccessLine {
  /** `name` is empty, or `path` ends in `*`, where any is meant. */
  readonly attributes: AccessAttributes;
  readonly origin: AccessOrigin;
  /** Undefined where nothing was seen. */
  readonly evidence: AccessEvidence | undefined;
  /** How many names (or paths) were seen where the line allows any; undefined where it allows what was seen. */
  readonly widenedFrom: number | undefined;
  /** Secrets, exec, impersonation and the like: never widened, always called out. */
  readonly risk: AccessRisk | undefined;
}

/** What makes an access dangerous, gravest first. */
export const ACCESS_RISKS = [
  "change-access",
  "impersonate",
  "run-in-pods",
  "read-secrets",
  "mint-tokens",
  "reach-nodes",
  "change-admission",
  "approve-certificates",
  "run-workloads",
] as const;
export type AccessRisk = (typeof ACCESS_RISKS)[number];

/** A role as it is to be. */
export interface SuggestedRole {
  readonly kind: "Role" | "ClusterRole";
  /** Empty for a ClusterRole. */
  readonly namespace: string;
  readonly name: string;
  /** Compacted without loss, sorted: it allows what `lines` say and nothing else. */
  readonly rules: readonly PolicyRule[];
  /** Sorted. */
  readonly lines: readonly AccessLine[];
  /** The username or group it was made for, as it is, for an annotation. */
  readonly subjectName: string;
}

/** A binding as it is to be. */
export interface SuggestedBinding {
  readonly kind: "RoleBinding" | "ClusterRoleBinding";
  readonly namespace: string;
  readonly name: string;
  readonly role: { readonly kind: "Role" | "ClusterRole"; readonly name: string };
  readonly subject: RbacSubject;
}

/** A binding in force that the suggested ones replace. */
export interface ReplacedBinding {
  readonly kind: "RoleBinding" | "ClusterRoleBinding";
  readonly namespace: string;
  readonly name: string;
  readonly role: { readonly kind: "Role" | "ClusterRole"; readonly name: string };
  /** Which of its subjects have roles of their own now; the others keep the binding. */
  readonly subjects: readonly RbacSubject[];
  readonly keptSubjects: readonly RbacSubject[];
  /** Why it should not be removed yet, or not at all; undefined: it may be. */
  readonly keep: string | undefined;
}

/** What was decided about one identity or group. */
export interface SubjectDecision {
  readonly subject: RbacSubject;
  /** Members of a group that were seen, sorted; the ServiceAccount's own username otherwise. */
  readonly members: readonly string[];
  /** Atoms that the RBAC in force grants it, and how many of these were used; undefined without it. */
  readonly granted: number | undefined;
  readonly used: number;
}

/**
 * Why no role is to hold a use: the state in force does not allow it any more (`revoked`); another authorizer allowed it; every
 * user has it by the bindings of Kubernetes itself; whoever used it gets no binding (`not-bound`: a person without a known
 * group, a part of the system); its namespace is gone; the request had a literal `*` in it, which in a role means everything;
 * the operator did not ask about it (`out-of-scope`).
 */
export type LeftOutReason =
  | "default-grant"
  | "literal-wildcard"
  | "namespace-gone"
  | "not-bound"
  | "other-authorizer"
  | "out-of-scope"
  | "rejected"
  | "revoked";

/** A use that was allowed, or what one implies, that no role of the set is to hold. */
export interface LeftOutUse {
  readonly username: string;
  readonly attributes: AccessAttributes;
  readonly isMany: boolean;
  readonly why: LeftOutReason;
}

/** What is to be allowed, in no dialect. Every list is sorted; equal inputs give equal sets. */
export interface AccessPolicySet {
  readonly roles: readonly SuggestedRole[];
  readonly bindings: readonly SuggestedBinding[];
  readonly replaced: readonly ReplacedBinding[];
  readonly subjects: readonly SubjectDecision[];
  /** Uses with outcome `allowed` or `presumed`, and what such imply, that the roles above need not hold. */
  readonly leftOut: readonly LeftOutUse[];
  readonly findings: readonly Finding[];
}

/** What the five checks came to; every list empty but `unneeded`'s idioms: proved. */
export interface AccessProof {
  /** Uses and accepted lines that were judged. */
  readonly judged: number;
  /** Used (or accepted) and refused by the proposed state. */
  readonly cut: readonly { readonly username: string; readonly attributes: AccessAttributes }[];
  /** Allowed by the proposed state and not by the one in force. */
  readonly newPower: readonly { readonly subject: RbacSubject; readonly attributes: AccessAttributes }[];
  /** What can be taken from a role and nothing that was used is refused. */
  readonly unneeded: readonly { readonly role: string; readonly what: string }[];
  /** Roles whose rules do not allow exactly what their lines say. */
  readonly lossy: readonly { readonly role: string; readonly attributes: AccessAttributes }[];
  /** What whoever applies the manifests may not grant: it lacks these, and `escalate` or `bind`. */
  readonly unappliable: readonly { readonly object: string; readonly missing: string }[];
  /** Used in the window and refused by what is in force now: somebody took it away, so it is not needed. No fault. */
  readonly revoked: readonly { readonly username: string; readonly attributes: AccessAttributes }[];
  /** New power that the operator granted by name: no fault. */
  readonly granted: readonly { readonly subject: RbacSubject; readonly attributes: AccessAttributes }[];
  /** Checks that could not be made, or not against all there is, each with the reason as a sentence. */
  readonly notJudged: readonly { readonly check: AccessCheck; readonly because: string }[];
}

/** The checks of a proof. */
export type AccessCheck = "soundness" | "no-new-power" | "minimality" | "lossless" | "applier";
