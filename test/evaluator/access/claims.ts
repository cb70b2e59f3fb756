import { type AccessClaim, proveAccess } from "../../../src/evaluator/access/prove.ts";
import type { AccessAttributes, AccessGraph, AccessUse, Citation, Identity } from "../../../src/model/access.ts";
import type {
  AccessLine,
  AccessOrigin,
  AccessPolicySet,
  AccessProof,
  ReplacedBinding,
  SuggestedRole,
} from "../../../src/model/access-policy.ts";
import type {
  BindingManifest,
  KnownBinding,
  KnownRole,
  PolicyRule,
  RbacManifest,
  RbacState,
  RbacSubject,
  RoleManifest,
} from "../../../src/model/rbac.ts";
import { binding, role } from "./objects.ts";

const EVIDENCE = {
  requests: 3,
  exact: true,
  firstSeen: 0,
  lastSeen: 3_600_000,
  hours: [0, 1],
  codes: [200],
  userAgents: [],
  sourceIps: [],
};

/** "This identity was allowed that", by RBAC as far as the log tells. */
export function use(identity: Identity, attributes: AccessAttributes, more: Partial<AccessUse> = {}): AccessUse {
  const base = { identity, impersonator: undefined, attributes, isMany: false, outcome: "allowed" } as const;
  return { ...base, citations: [], signs: [], evidence: EVIDENCE, ...more };
}

/** As RBAC's reason cites: only the group matters here. */
export function citedGroup(name: string): Citation {
  return {
    kind: "rbac",
    binding: { kind: "ClusterRoleBinding", namespace: "", name: "x" },
    role: { kind: "ClusterRole", name: "x" },
    subject: { kind: "Group", namespace: "", name },
  };
}

const OBSERVED: AccessOrigin = { kind: "observed" };

export function line(attributes: AccessAttributes, origin: AccessOrigin = OBSERVED): AccessLine {
  const evidence = origin.kind === "observed" ? EVIDENCE : undefined;
  return { attributes, origin, evidence, widenedFrom: undefined, risk: undefined };
}

/** A role for somebody, as decided and as written: one rule for each line unless other rules are given. */
export interface Suggestion {
  readonly role: SuggestedRole;
  readonly subject: RbacSubject;
  readonly manifests: readonly [RoleManifest, BindingManifest];
}

/** `shop/r` is a Role, `r` a ClusterRole; the binding has its name. */
export function suggest(
  path: string,
  subject: RbacSubject,
  lines: readonly AccessLine[],
  rules?: readonly PolicyRule[],
): Suggestion {
  const written = role(path, ...(rules ?? lines.map(({ attributes }) => ruleOf(attributes))));
  const { kind, metadata } = written;
  const namespace = metadata.namespace ?? "";
  return {
    role: { kind, namespace, name: metadata.name, rules: written.rules, lines, subjectName: subject.name },
    subject,
    manifests: [written, binding(path, `${kind} ${metadata.name}`, subject)],
  };
}

function ruleOf(attributes: AccessAttributes): PolicyRule {
  if (attributes.kind === "non-resource") return { nonResourceURLs: [attributes.path], verbs: [attributes.verb] };
  const { verb, apiGroup, resource, subresource, name } = attributes;
  return {
    apiGroups: [apiGroup],
    resources: [subresource === "" ? resource : `${resource}/${subresource}`],
    ...(name === "" ? {} : { resourceNames: [name] }),
    verbs: [verb],
  };
}

/** That a binding is replaced for all of its subjects. */
export function replace(
  { kind, metadata, roleRef, subjects }: BindingManifest,
  more: Partial<ReplacedBinding> = {},
): ReplacedBinding {
  const base = {
    kind,
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    subjects,
    keptSubjects: [],
    keep: undefined,
  };
  return { ...base, role: { kind: roleRef.kind, name: roleRef.name }, ...more };
}

/** The RBAC in force; everything that there is unless gaps are given. */
export function stateOf(objects: readonly RbacManifest[], gaps?: RbacState["gaps"]): RbacState {
  const known = { createdAt: undefined, keeper: undefined, place: "test" };
  const roles = objects.flatMap((object): KnownRole[] =>
    "rules" in object ? [{ ...object, ...known, isAggregated: false }] : [],
  );
  const bindings = objects.flatMap((object): KnownBinding[] => ("roleRef" in object ? [{ ...object, ...known }] : []));
  return gaps === undefined ? { roles, bindings } : { roles, bindings, gaps };
}

interface Case {
  readonly uses?: readonly AccessUse[];
  readonly suggestions?: readonly Suggestion[];
  readonly replaced?: readonly ReplacedBinding[];
  readonly leftOut?: AccessPolicySet["leftOut"];
  readonly inForce?: RbacState | undefined;
  readonly manifests?: readonly RbacManifest[];
  readonly applier?: Identity;
}

/** The proof of a small case. */
export function proofOf(one: Case): AccessProof {
  return proveAccess(claimOf(one));
}

export function claimOf({
  uses = [],
  suggestions = [],
  replaced = [],
  leftOut = [],
  inForce,
  manifests,
  applier,
}: Case): AccessClaim {
  const policies: AccessPolicySet = {
    roles: suggestions.map((one) => one.role),
    bindings: suggestions.map(({ role: { kind, name }, subject, manifests: [, { kind: own, metadata }] }) => ({
      kind: own,
      namespace: metadata.namespace ?? "",
      name: metadata.name,
      role: { kind, name },
      subject,
    })),
    replaced,
    subjects: [],
    leftOut,
    findings: [],
  };
  return {
    graph: graphOf(uses),
    policies,
    manifests: manifests ?? suggestions.flatMap((one) => one.manifests),
    inForce,
    applier,
  };
}

/** A log of these uses and nothing else. */
export function graphOf(uses: readonly AccessUse[]): AccessGraph {
  const facts = { events: uses.length, withDecision: uses.length, setAside: {}, origins: [] };
  return { window: { first: 0, last: 3_600_000 }, uses, callers: [], facts };
}
