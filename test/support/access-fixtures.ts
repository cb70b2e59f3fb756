import type {
  AccessEvidence,
  AccessGraph,
  AccessUse,
  Citation,
  Identity,
  ResourceAttributes,
} from "../../src/model/access.ts";
import type { AccessLine, AccessPolicySet } from "../../src/model/access-policy.ts";
import type { AccessReview } from "../../src/model/access-review.ts";
import type { AccessSuggestion } from "../../src/pipeline.ts";
import { riskOf } from "../../src/synthesizer/access/risks.ts";
import { MONDAY, SOME_COMPLETENESS } from "./fixtures.ts";

/** A small world of requests, made by hand: a shop's cart, somebody on call, and an intruder. */

const HOUR = 3_600_000;

export const CART = "system:serviceaccount:shop:cart";

export function someIdentity(username: string = CART, groups: readonly string[] = ["system:authenticated"]): Identity {
  return { username, groups };
}

export function someAttributes(over: Partial<ResourceAttributes> = {}): ResourceAttributes {
  return {
    kind: "resource",
    verb: "get",
    apiGroup: "",
    resource: "configmaps",
    subresource: "",
    namespace: "shop",
    name: "",
    ...over,
  };
}

export function someAccessEvidence(over: Partial<AccessEvidence> = {}): AccessEvidence {
  return {
    requests: 120,
    exact: true,
    firstSeen: MONDAY + 8 * HOUR,
    lastSeen: MONDAY + 4 * 24 * HOUR + 17 * HOUR,
    hours: [0, 24, 25, 72].map((hour) => MONDAY / HOUR + 8 + hour),
    codes: [200],
    userAgents: ["cart/v1"],
    sourceIps: ["10.0.1.5"],
    ...over,
  };
}

export function someCitation(over: Partial<Extract<Citation, { kind: "rbac" }>> = {}): Citation {
  return {
    kind: "rbac",
    binding: { kind: "RoleBinding", namespace: "shop", name: "cart" },
    role: { kind: "Role", name: "cart" },
    subject: { kind: "ServiceAccount", namespace: "shop", name: "cart" },
    ...over,
  };
}

export function someUse(over: Partial<AccessUse> = {}): AccessUse {
  return {
    identity: someIdentity(),
    impersonator: undefined,
    attributes: someAttributes(),
    isMany: false,
    outcome: "allowed",
    citations: [someCitation()],
    signs: [],
    evidence: someAccessEvidence(),
    ...over,
  };
}

const OPS: Citation = {
  kind: "rbac",
  binding: { kind: "ClusterRoleBinding", namespace: "", name: "ops" },
  role: { kind: "ClusterRole", name: "cluster-admin" },
  subject: { kind: "Group", namespace: "", name: "ops" },
};

export const SHOP_USES = {
  cartReads: someUse(),
  cartSecret: someUse({ attributes: someAttributes({ resource: "secrets", name: "db" }) }),
  aliceExec: someUse({
    identity: someIdentity("alice@example.com", ["ops", "system:authenticated"]),
    attributes: someAttributes({ verb: "create", resource: "pods", subresource: "exec", name: "cart-0" }),
    citations: [OPS],
    evidence: someAccessEvidence({ requests: 3, userAgents: ["kubectl/v1.34.1"], sourceIps: ["203.0.113.7"] }),
  }),
  aliceLists: someUse({
    identity: someIdentity("alice@example.com", ["ops", "system:authenticated"]),
    attributes: someAttributes({ verb: "list", resource: "pods", namespace: "" }),
    citations: [OPS],
  }),
  malloryRefused: someUse({
    identity: someIdentity("system:serviceaccount:dev:debug"),
    attributes: someAttributes({ verb: "list", resource: "secrets" }),
    outcome: "denied",
    citations: [],
    evidence: someAccessEvidence({ requests: 14, codes: [403] }),
  }),
} as const;

export function someAccessGraph(over: Partial<AccessGraph> = {}): AccessGraph {
  return {
    window: { first: MONDAY + 8 * HOUR, last: MONDAY + 4 * 24 * HOUR + 17 * HOUR },
    uses: Object.values(SHOP_USES),
    callers: [
      {
        username: CART,
        pods: [{ namespace: "shop", name: "cart-5d69f8c7b4-x7k2p" }],
        hasMorePods: false,
        usesLegacyToken: false,
        usesStaleToken: false,
      },
    ],
    facts: { events: 4321, withDecision: 4000, setAside: { "request-received": 321 }, origins: [] },
    ...over,
  };
}

/** Nothing is known of what is granted. */
export const NO_REVIEW: AccessReview = {
  known: { rbac: undefined, auditPolicy: undefined },
  subjects: [],
  bindings: [],
  blindSpots: [],
  riskOf,
  namespaces: new Map(),
  findings: [],
};

export function someLine(over: Partial<AccessLine> = {}): AccessLine {
  return {
    attributes: someAttributes(),
    origin: { kind: "observed" },
    evidence: someAccessEvidence(),
    widenedFrom: undefined,
    risk: undefined,
    ...over,
  };
}

export const SHOP_ROLES: AccessPolicySet = {
  roles: [
    {
      kind: "Role",
      namespace: "shop",
      name: "netlearn:cart",
      rules: [
        { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] },
        { apiGroups: [""], resources: ["secrets"], resourceNames: ["db"], verbs: ["get"] },
      ],
      lines: [
        someLine({ widenedFrom: 70 }),
        someLine({
          attributes: someAttributes({ verb: "list" }),
          origin: { kind: "idiom", because: "watch-needs-list" },
          evidence: undefined,
        }),
        someLine({
          attributes: someAttributes({ verb: "create" }),
          origin: { kind: "inferred", because: "create-on-apply" },
          evidence: undefined,
        }),
        someLine({ attributes: someAttributes({ resource: "secrets", name: "db" }), risk: "read-secrets" }),
      ],
      subjectName: CART,
    },
  ],
  bindings: [
    {
      kind: "RoleBinding",
      namespace: "shop",
      name: "netlearn:cart",
      role: { kind: "Role", name: "netlearn:cart" },
      subject: { kind: "ServiceAccount", namespace: "shop", name: "cart" },
    },
  ],
  replaced: [
    {
      kind: "RoleBinding",
      namespace: "shop",
      name: "cart",
      role: { kind: "ClusterRole", name: "edit" },
      subjects: [{ kind: "ServiceAccount", namespace: "shop", name: "cart" }],
      keptSubjects: [],
      keep: "the log spans 5 days, fewer than 14",
    },
  ],
  subjects: [
    {
      subject: { kind: "ServiceAccount", namespace: "shop", name: "cart" },
      members: [CART],
      granted: 412,
      used: 4,
    },
  ],
  leftOut: [],
  findings: [],
};

export function someRoles(over: Partial<AccessSuggestion> = {}): AccessSuggestion {
  return {
    known: { rbac: { roles: [], bindings: [] }, auditPolicy: undefined },
    policies: SHOP_ROLES,
    files: [
      {
        path: "shop/rbac-cart.yaml",
        manifests: [],
        yaml: "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: netlearn:cart\n  namespace: shop\nrules: []\n",
      },
    ],
    removals: "",
    edits: "",
    blindSpots: [],
    reasons: { "watch-needs-list": "a watch begins with a list" },
    proof: {
      judged: 4,
      cut: [],
      newPower: [],
      unneeded: [],
      lossy: [],
      unappliable: [],
      revoked: [],
      granted: [],
      notJudged: [],
    },
    completeness: SOME_COMPLETENESS,
    findings: [],
    ...over,
  };
}
