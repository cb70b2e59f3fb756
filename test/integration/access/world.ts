import { binding, definition, deployment, type Made, made, pod, role, rule } from "./objects.ts";

/** Whom the scenario is played by: ServiceAccounts as `NAMESPACE/NAME`, people with their groups. */
export const ACCOUNTS = [
  "prod/web",
  "prod/controller",
  "prod/legacy",
  "argo/deployer",
  "monitoring/scraper",
  "monitoring/discoverer",
  "platform/issuer",
  "platform/rbac-operator",
  "platform/auth-server",
  "ci/runner",
  "certs/approver",
  "gateway/proxy",
  "gateway/narrow-proxy",
  "shop/viewer",
  "shop/reporter",
  "shop/bot",
  "shop/idle",
  "default/default",
  "prod/hoarder",
  "monitoring/crawler",
  "platform/binder",
  "prod/owner",
  "prod/named-owner",
  "argo/syncer",
] as const;

/** Names that break whatever is careless with them. */
export const ODD_GROUP = 'team "odd": {<b>*</b>} # é';
export const ODD_USER = "o'dd|user `x` ../..";
export const ODD_ROLE = 'role "odd": {<b>*<p>}\n- é';

export const PEOPLE: Readonly<Record<string, readonly string[]>> = {
  dana: ["developers"],
  erin: ["developers", "on-call"],
  eve: ["developers"],
  olga: ["operators"],
  frank: ["auditors"],
  rita: ["access-admins"],
  solo: [],
  root: ["system:masters"],
  [ODD_USER]: [ODD_GROUP],
};

const NAMESPACES = [
  "prod",
  "staging",
  "argo",
  "monitoring",
  "platform",
  "ci",
  "certs",
  "gateway",
  "shop",
  "doomed",
] as const;

const ALL_VERBS = "get list watch create update patch delete deletecollection";

/** What the workloads of `prod` may do. */
const WORKLOADS: readonly Made[] = [
  role(
    "prod/web",
    rule("get list watch", "configmaps secrets", { names: ["app-config", "db", "cache"] }),
    rule("get list watch", "pods services"),
    rule("get", "namespaces"),
    rule("get create update", "leases", { group: "coordination.k8s.io" }),
  ),
  binding("prod/web", "Role/web", "SA prod/web"),
  role(
    "prod/controller",
    rule(ALL_VERBS, "configmaps secrets services"),
    rule(ALL_VERBS, "leases", { group: "coordination.k8s.io" }),
    rule(ALL_VERBS, "deployments deployments/status deployments/scale replicasets", { group: "apps" }),
    rule(ALL_VERBS, "widgets widgets/status widgets/scale widgets/finalizers", { group: "example.com" }),
    rule("create patch", "events"),
    rule("create patch", "events", { group: "events.k8s.io" }),
    rule("get", "samples", { group: "metrics.example.com" }),
    rule("create get list delete", "pods pods/eviction pods/exec pods/log pods/status pods/binding"),
  ),
  binding("prod/controller", "Role/controller", "SA prod/controller", "SA prod/web-old"),
  role("cluster-reader", rule("get list watch", "nodes namespaces persistentvolumes"), rule("get", "/metrics /logs/*")),
  binding("cluster-reader", "ClusterRole/cluster-reader", "SA prod/controller", "SA monitoring/scraper"),
  // The whole cluster for somebody who needs three things of it.
  binding("legacy-is-admin", "ClusterRole/cluster-admin", "SA prod/legacy"),
  // Two bindings to the same, of which the server cites one.
  binding("prod/web-again", "Role/web", "SA prod/web"),
];

/** What deployers, monitors and the like may do. */
const PLATFORM: readonly Made[] = [
  role(
    "deployer",
    rule("*", "deployments", { group: "apps" }),
    rule("*", "configmaps services serviceaccounts"),
    rule("get list watch", "customresourcedefinitions", { group: "apiextensions.k8s.io" }),
    rule("*", "roles rolebindings", { group: "rbac.authorization.k8s.io" }),
    rule("get create patch delete", "namespaces"),
  ),
  binding("deployer", "ClusterRole/deployer", "SA argo/deployer"),
  role("scraper", rule("get list watch", "pods services endpoints nodes nodes/metrics"), rule("get", "/livez/*")),
  binding("scraper", "ClusterRole/scraper", "SA monitoring/scraper"),
  role("discoverer", rule("get list", "endpoints services")),
  binding("discoverer", "ClusterRole/discoverer", "SA monitoring/discoverer"),
  role("shop/issuer", rule("create", "serviceaccounts/token", { names: ["bot", "viewer"] })),
  binding("shop/issuer", "Role/issuer", "SA platform/issuer"),
  binding("auth-server", "ClusterRole/system:auth-delegator", "SA platform/auth-server"),
  role(
    "shop/rbac-operator",
    rule("get create update patch delete", "roles rolebindings", { group: "rbac.authorization.k8s.io" }),
    rule("bind", "roles", { group: "rbac.authorization.k8s.io", names: ["pod-reader", ODD_ROLE] }),
    rule("bind", "clusterroles", { group: "rbac.authorization.k8s.io", names: ["view"] }),
    rule("get list", "pods"),
  ),
  binding("shop/rbac-operator", "Role/rbac-operator", "SA platform/rbac-operator"),
  role("runner", rule("get list create delete", "namespaces"), rule("*", "*", { group: "apps" }), rule("*", "pods")),
  binding("runner", "ClusterRole/runner", "SA ci/runner"),
  role(
    "approver",
    rule("get list watch", "certificatesigningrequests", { group: "certificates.k8s.io" }),
    rule("update", "certificatesigningrequests/approval certificatesigningrequests/status", {
      group: "certificates.k8s.io",
    }),
    rule("approve sign", "signers", { group: "certificates.k8s.io", names: ["example.com/web", "example.com/batch"] }),
  ),
  binding("approver", "ClusterRole/approver", "SA certs/approver"),
  role(
    "impersonator",
    rule("impersonate", "users", { names: ["frank", "dana", "nobody-known"] }),
    rule("impersonate", "groups", { names: ["auditors", "developers"] }),
    rule("impersonate", "userextras/reason userextras/scopes uids", { group: "authentication.k8s.io" }),
  ),
  binding("impersonator", "ClusterRole/impersonator", "SA gateway/proxy"),
  role("prod/acts-as-web", rule("impersonate", "serviceaccounts", { names: ["web"] })),
  binding("prod/acts-as-web", "Role/acts-as-web", "SA gateway/proxy"),
  role(
    "narrow-impersonator",
    rule("impersonate:user-info", "users", { group: "authentication.k8s.io", names: ["frank"] }),
    rule("impersonate:user-info", "groups", { group: "authentication.k8s.io", names: ["auditors"] }),
    rule("impersonate-on:user-info:list", "pods"),
  ),
  binding("narrow-impersonator", "ClusterRole/narrow-impersonator", "SA gateway/narrow-proxy"),
];

/**
 * What people may do. A controller that is not here fills the rules of an aggregated ClusterRole: they are given as it
 * would fill them.
 */
const PEOPLES: readonly Made[] = [
  role(
    "developer",
    rule("get list watch", "pods services configmaps pods/log"),
    rule("get create", "pods/exec pods/portforward pods/attach"),
    rule("get list watch update patch", "deployments deployments/scale", { group: "apps" }),
  ),
  binding("staging/developers", "ClusterRole/developer", "Group developers"),
  role("developer-in-prod", rule("get list watch", "pods deployments"), rule("get", "pods/log")),
  binding("prod/developers", "ClusterRole/developer-in-prod", "Group developers"),
  binding("prod/on-call", "ClusterRole/developer", "Group on-call"),
  role(
    "operator",
    rule("get list watch patch", "nodes"),
    rule("get list", "pods"),
    rule("create", "pods/eviction"),
    rule("get", "nodes/proxy"),
  ),
  binding("operators", "ClusterRole/operator", "Group operators"),
  role("auditor", rule("get list watch", "*"), rule("get list watch", "*", { group: "rbac.authorization.k8s.io" })),
  binding("auditors", "ClusterRole/auditor", "Group auditors"),
  role(
    "access-admin",
    rule("*", "roles rolebindings clusterroles clusterrolebindings", { group: "rbac.authorization.k8s.io" }),
  ),
  binding("access-admins", "ClusterRole/access-admin", "Group access-admins"),
  role("staging/solo", rule("get list", "configmaps")),
  binding("staging/solo", "Role/solo", "User solo"),
  binding("shop/odd", `Role/${ODD_ROLE}`, `Group ${ODD_GROUP}`),
  role(`shop/${ODD_ROLE}`, rule("get list", "configmaps")),
  {
    ...role("shop-view", rule("get list watch", "pods configmaps"), rule("get", "widgets", { group: "example.com" })),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "example.com/to-shop-view": "true" } }] },
  },
  role("shop-view-part", rule("get list watch", "pods configmaps")),
  binding("shop/viewer", "ClusterRole/shop-view", "SA shop/viewer"),
  role("shop/reporter", rule("get list", "pods configmaps"), rule("create patch", "events")),
  binding("shop/reporter", "Role/reporter", "SA shop/reporter"),
  role("shop/pod-reader", rule("get list", "pods")),
  binding("shop/idle", "Role/pod-reader", "SA shop/idle"),
];

const many = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
const RBAC_GROUP = "rbac.authorization.k8s.io";

/** Rights of many names, of owners, and those that reach people in roundabout ways. */
const EDGES: readonly Made[] = [
  role("prod/hoarder", rule("get", "configmaps", { names: many("c", 70) }), rule("get", "services")),
  binding("prod/hoarder", "Role/hoarder", "SA prod/hoarder"),
  role("crawler", rule("get", "/logs/*")),
  binding("crawler", "ClusterRole/crawler", "SA monitoring/crawler"),
  ...many("team", 12).map((name) => role(name, rule("get", "pods"))),
  role(
    "shop/binder",
    rule("create", "rolebindings", { group: RBAC_GROUP }),
    rule("bind", "clusterroles", { group: RBAC_GROUP, names: many("team", 12) }),
  ),
  binding("shop/binder", "Role/binder", "SA platform/binder"),
  role(
    "owner",
    rule("create", "configmaps"),
    rule("update", "planets/finalizers mice/finalizers", { group: "example.com" }),
  ),
  binding("owner", "ClusterRole/owner", "SA prod/owner"),
  role(
    "prod/named-owner",
    rule("create", "configmaps"),
    rule("update", "widgets/finalizers", { group: "example.com", names: ["round"] }),
  ),
  binding("prod/named-owner", "Role/named-owner", "SA prod/named-owner"),
  role("planets", rule("list", "planets", { group: "example.com" })),
  binding("planets", "ClusterRole/planets", "Group system:authenticated"),
  role("shop/services", rule("list", "services")),
  binding("shop/services", "Role/services", "Group system:serviceaccounts:shop"),
  role("staging/by-username", rule("list", "configmaps")),
  binding("staging/by-username", "Role/by-username", "User system:serviceaccount:prod:web"),
  role("syncer", rule("get list watch", "services")),
  ...["prod", "staging", "shop", "monitoring"].map((namespace) =>
    binding(`${namespace}/syncer`, "ClusterRole/syncer", "SA argo/syncer"),
  ),
];

const APISERVICE = made("apiregistration.k8s.io/v1", "APIService", "v1.metrics.example.com", {
  spec: {
    group: "metrics.example.com",
    version: "v1",
    groupPriorityMinimum: 1000,
    versionPriority: 15,
    insecureSkipTLSVerify: true,
    service: { namespace: "monitoring", name: "nobody-home" },
  },
});

const CONFIGS = ["prod/app-config", "prod/other", "staging/app-config", "shop/app-config", "shop/other"];
const PODS = ["prod/web-0", "prod/web-1", "prod/web-2", "staging/web-0", "shop/web-0"];

/** Everything that is there before the first request, in the order in which it is made. */
export const WORLD: readonly Made[] = [
  ...NAMESPACES.map((name) => made("v1", "Namespace", name)),
  ...ACCOUNTS.map((place) => made("v1", "ServiceAccount", place)),
  definition("Widget", "Namespaced"),
  definition("Planet", "Cluster"),
  definition("Mouse", "Namespaced", "mice"),
  APISERVICE,
  ...CONFIGS.map((place) => made("v1", "ConfigMap", place, { data: { key: "value" } })),
  ...["prod/db", "prod/token", "staging/db"].map((place) => made("v1", "Secret", place, { stringData: { key: "x" } })),
  ...PODS.map((place) => pod(place)),
  pod("prod/placed", { nodeName: "node-1" }),
  pod("staging/placed", { nodeName: "node-1" }),
  pod("shop/reporter-1", { serviceAccountName: "reporter" }),
  made("v1", "Node", "node-1"),
  ...["prod/web", "staging/web"].map(deployment),
  made("v1", "Service", "prod/web", { spec: { selector: { app: "web" }, ports: [{ port: 80 }] } }),
  ...WORKLOADS,
  ...PLATFORM,
  ...PEOPLES,
  ...EDGES,
];
