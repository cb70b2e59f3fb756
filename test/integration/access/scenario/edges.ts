import { binding, made } from "../objects.ts";
import type { Step } from "../step.ts";

const PROD = "/api/v1/namespaces/prod";
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

/** More of everything than anybody remembers each of: names, paths, values, roles. */
const MANY: readonly Step[] = [
  ...numbers(70).map((n): Step => ["hoarder", `GET ${PROD}/configmaps/c-${n}`, 404, "one of many names it may"]),
  ["hoarder", `GET ${PROD}/configmaps/app-config`, 403, "and one it may not"],
  ...numbers(70).map((n): Step => ["hoarder", `GET ${PROD}/services/s-${n}`, 404, "one of many names of all"]),
  ...numbers(70).map((n): Step => ["crawler", `GET /logs/${n}.log`, 404, "one of many paths"]),
  ["crawler", "GET /metrics", 403, "and another"],
  ...numbers(12).map(
    (n): Step => [
      "proxy",
      `GET ${PROD}/pods/web-0`,
      200,
      "with one of many reasons",
      { as: { user: "frank", groups: ["auditors"], extra: { reason: `ticket ${n}` } } },
    ],
  ),
  ...numbers(12).map(
    (n): Step => [
      "binder",
      "POST /apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings",
      201,
      "a binding to one of many roles",
      { body: binding(`shop/made-team-${n}`, `ClusterRole/team-${n}`, "User nobody-known") },
    ],
  ),
];

const dependent = (name: string, kind: string, owner: string): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name,
    namespace: "prod",
    ownerReferences: [
      { apiVersion: "example.com/v1", kind, name: owner, uid: "not-looked-at", blockOwnerDeletion: true },
    ],
  },
});

/** Owners whose deletion is blocked, whatever their kind is. */
const OWNERS: readonly Step[] = [
  [
    "owner",
    `POST ${PROD}/configmaps`,
    201,
    "an owner of no namespace",
    { body: dependent("of-planet", "Planet", "a") },
  ],
  ["owner", `POST ${PROD}/configmaps`, 201, "an owner with a plural", { body: dependent("of-mouse", "Mouse", "b") }],
  [
    "named-owner",
    `POST ${PROD}/configmaps`,
    201,
    "an owner by name",
    { body: dependent("of-round", "Widget", "round") },
  ],
  ["named-owner", `POST ${PROD}/configmaps`, 403, "another", { body: dependent("of-flat", "Widget", "flat") }],
];

/** Rights that reach somebody in roundabout ways. */
const ROUNDABOUT: readonly Step[] = [
  ["default", "GET /apis/example.com/v1/planets", 200, "what all who are known may"],
  ["dana", "GET /apis/example.com/v1/planets", 200, "what all who are known may"],
  ["anonymous", "GET /apis/example.com/v1/planets", 403, "what all who are known may"],
  ["idle", "GET /api/v1/namespaces/shop/services", 200, "what all accounts of its namespace may"],
  ["web", "GET /api/v1/namespaces/shop/services", 403, "and those of others may not"],
  ["web", "GET /api/v1/namespaces/staging/configmaps", 200, "bound as a user"],
  ...["prod", "staging", "shop", "monitoring"].flatMap((namespace): Step[] => [
    ["syncer", `GET /api/v1/namespaces/${namespace}/services`, 200, "the same in many namespaces"],
    ["syncer", `GET /api/v1/namespaces/${namespace}/services/web-x`, 404, "the same in many namespaces"],
  ]),
  ["syncer", "GET /api/v1/namespaces/platform/services", 403, "and in one it may not"],
  ["syncer", "GET /api/v1/services", 403, "and in all"],
  ["hoarder", `POST ${PROD}/configmaps`, 403, "a config", { body: made("v1", "ConfigMap", "prod/c-1") }],
];

export const EDGES: readonly Step[] = [...MANY, ...OWNERS, ...ROUNDABOUT];
