import type { KnownBinding, KnownRole, PolicyRule, RbacSubject } from "./rbac.ts";

/**
 * Roles and bindings that every cluster has and that give everybody, or its administrators, something: assumed where nobody gave the
 * cluster's own. Source: kubernetes v1.37.2, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go. Older versions
 * grant no more than this.
 */
const PLACE = "assumed, as Kubernetes v1.37 makes it";
const KEEPER = "Kubernetes makes it anew at each start";

const RBAC = "rbac.authorization.k8s.io";

/** To each name its rules, and the groups it is bound to by a ClusterRoleBinding of the same name. */
const DEFAULTS: Readonly<
  Record<string, { readonly rules: readonly PolicyRule[]; readonly groups: readonly string[] }>
> = {
  "cluster-admin": {
    rules: [
      { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
      { nonResourceURLs: ["*"], verbs: ["*"] },
    ],
    groups: ["system:masters"],
  },
  "system:basic-user": {
    rules: [
      {
        apiGroups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        verbs: ["create"],
      },
      { apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] },
    ],
    groups: ["system:authenticated"],
  },
  "system:discovery": {
    rules: [
      {
        nonResourceURLs: [
          "/api",
          "/api/*",
          "/apis",
          "/apis/*",
          "/healthz",
          "/livez",
          "/openapi",
          "/openapi/*",
          "/readyz",
          "/version",
          "/version/",
        ],
        verbs: ["get"],
      },
    ],
    groups: ["system:authenticated"],
  },
  "system:public-info-viewer": {
    rules: [{ nonResourceURLs: ["/healthz", "/livez", "/readyz", "/version", "/version/"], verbs: ["get"] }],
    groups: ["system:authenticated", "system:unauthenticated"],
  },
  "system:service-account-issuer-discovery": {
    rules: [
      {
        nonResourceURLs: [
          "/.well-known/openid-configuration",
          "/.well-known/openid-configuration/",
          "/openid/v1/jwks",
          "/openid/v1/jwks/",
        ],
        verbs: ["get"],
      },
    ],
    groups: ["system:serviceaccounts"],
  },
};

const KNOWN = { createdAt: undefined, keeper: KEEPER, place: PLACE } as const;

/** By name. */
export const DEFAULT_ROLES: readonly KnownRole[] = Object.entries(DEFAULTS).map(([name, { rules }]) => ({
  apiVersion: `${RBAC}/v1`,
  kind: "ClusterRole",
  metadata: { name },
  rules,
  isAggregated: false,
  ...KNOWN,
}));

/** By name. */
export const DEFAULT_BINDINGS: readonly KnownBinding[] = Object.entries(DEFAULTS).map(([name, { groups }]) => ({
  apiVersion: `${RBAC}/v1`,
  kind: "ClusterRoleBinding",
  metadata: { name },
  roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
  subjects: groups.map((group): RbacSubject => ({ kind: "Group", apiGroup: RBAC, name: group })),
  ...KNOWN,
}));
