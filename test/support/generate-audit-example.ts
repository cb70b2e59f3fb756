import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { auditLog, type EventDraft } from "./audit-events.ts";

/** Where the example's audit log lies. */
export const AUDIT_EXAMPLE_FILE: string = fileURLToPath(new URL("../../examples/shop/audit.jsonl", import.meta.url));

const HOUR = 3_600_000;
/** Sixteen days that end where the example's flows do. */
const START = Date.UTC(2026, 1, 17, 6);
const DAYS = 16;

/** What somebody does again and again. */
interface Habit extends EventDraft {
  /** Hours between two times, and after the beginning. */
  readonly every: number;
  readonly after?: number;
}

function reason(binding: string, role: string, subject: string): string {
  return `RBAC: allowed by ${binding} of ${role} to ${subject}`;
}

function account(namespace: string, name: string, pod: string): EventDraft {
  return { user: `system:serviceaccount:${namespace}:${name}`, pod };
}

const OPERATOR: EventDraft = {
  ...account("shop", "checkout-operator", "checkout-operator-7d9c6b5f48-k2x9w"),
  sourceIp: "10.244.1.17",
  userAgent: "checkout-operator/v1.4.0 (linux/amd64) kubernetes/$Format",
  reason: reason(
    'ClusterRoleBinding "checkout-operator"',
    'ClusterRole "cluster-admin"',
    'ServiceAccount "checkout-operator/shop"',
  ),
  namespace: "shop",
};
const PROMETHEUS: EventDraft = {
  ...account("monitoring", "prometheus", "prometheus-0"),
  sourceIp: "10.244.2.9",
  userAgent: "Prometheus/2.54.1",
  reason: reason(
    'ClusterRoleBinding "prometheus"',
    'ClusterRole "prometheus"',
    'ServiceAccount "prometheus/monitoring"',
  ),
};
const DEPLOYER: EventDraft = {
  ...account("argocd", "deployer", "argocd-application-controller-0"),
  sourceIp: "10.244.3.4",
  userAgent: "argocd-application-controller/v2.12.3",
  reason: reason('RoleBinding "deployer/shop"', 'ClusterRole "deployer"', 'ServiceAccount "deployer/argocd"'),
  namespace: "shop",
};

function developer(name: string): EventDraft {
  return {
    user: `${name}@shop.example`,
    groups: ["oidc:developers", "system:authenticated"],
    sourceIp: name === "alice" ? "192.0.2.44" : "192.0.2.51",
    userAgent: "kubectl/v1.33.1 (linux/amd64) kubernetes/faecb19",
    reason: reason('RoleBinding "developers/shop"', 'ClusterRole "shop-developer"', 'Group "oidc:developers"'),
    namespace: "shop",
  };
}

const APPS = "apps";
const LEASES = "coordination.k8s.io";

const HABITS: readonly Habit[] = [
  { ...OPERATOR, every: 2, verb: "get", apiGroup: LEASES, resource: "leases", name: "checkout-operator" },
  { ...OPERATOR, every: 2, verb: "update", apiGroup: LEASES, resource: "leases", name: "checkout-operator" },
  { ...OPERATOR, every: 9, verb: "watch", apiGroup: APPS, resource: "deployments", stage: "ResponseStarted" },
  { ...OPERATOR, every: 24, verb: "get", resource: "configmaps", name: "checkout-settings" },
  {
    ...OPERATOR,
    every: 24,
    after: 9,
    verb: "get",
    apiGroup: APPS,
    resource: "deployments",
    subresource: "scale",
    name: "checkout",
  },
  {
    ...OPERATOR,
    every: 24,
    after: 9,
    verb: "patch",
    apiGroup: APPS,
    resource: "deployments",
    subresource: "scale",
    name: "checkout",
  },
  { ...OPERATOR, every: 30, verb: "create", resource: "events", code: 201 },
  { ...PROMETHEUS, every: 12, verb: "list", resource: "pods" },
  { ...PROMETHEUS, every: 6, verb: "watch", resource: "pods", stage: "ResponseStarted" },
  { ...PROMETHEUS, every: 12, verb: "list", resource: "services" },
  { ...PROMETHEUS, every: 24, verb: "get", resource: "", path: "/metrics" },
  ...["cart", "catalog", "checkout", "frontend"].flatMap((name): Habit[] => [
    { ...DEPLOYER, every: 48, verb: "get", apiGroup: APPS, resource: "deployments", name },
    { ...DEPLOYER, every: 96, verb: "patch", apiGroup: APPS, resource: "deployments", name },
    { ...DEPLOYER, every: 96, verb: "patch", resource: "services", name },
  ]),
  { ...DEPLOYER, every: 24, verb: "list", apiGroup: APPS, resource: "deployments" },
  { ...developer("alice"), every: 30, after: 3, verb: "list", resource: "pods" },
  {
    ...developer("alice"),
    every: 50,
    after: 4,
    verb: "get",
    resource: "pods",
    subresource: "log",
    name: "cart-6c54bd5869-qqx4n",
  },
  { ...developer("bob"), every: 70, after: 8, verb: "list", resource: "pods" },
];

const ONCE: readonly (EventDraft & { readonly at: number })[] = [
  // The operator's first election: there is no lease yet, and asking for one is a need all the same.
  { ...OPERATOR, at: 0.1, verb: "get", apiGroup: LEASES, resource: "leases", name: "checkout-operator", code: 404 },
  { ...OPERATOR, at: 0.2, verb: "create", apiGroup: LEASES, resource: "leases", code: 201 },
  // Server-side apply that made an object: the API server asked for create too, and no event says so.
  { ...DEPLOYER, at: 40, verb: "patch", apiGroup: APPS, resource: "deployments", name: "report-viewer", code: 201 },
  // Somebody looked into a pod, by night.
  {
    ...developer("bob"),
    at: 332,
    verb: "get",
    resource: "pods",
    subresource: "exec",
    name: "payments-7f4c9d5b6-8zt2c",
    code: 101,
    stage: "ResponseStarted",
  },
  // Somebody with the keys to everything.
  {
    user: "kubernetes-admin",
    groups: ["system:masters", "system:authenticated"],
    at: 201,
    verb: "delete",
    resource: "pods",
    namespace: "shop",
    name: "redis-0",
    reason: "",
    sourceIp: "192.0.2.7",
    userAgent: "kubectl/v1.33.1 (linux/amd64) kubernetes/faecb19",
  },
  // The front end has no business with the API: whoever asks in its name is no friend.
  ...["shop", "kube-system"].flatMap((namespace, at): (EventDraft & { readonly at: number })[] => [
    {
      ...account("shop", "frontend", "frontend-5b9f7d8c66-zr8tk"),
      at: 371.2 + at / 100,
      verb: "list",
      resource: "secrets",
      namespace,
      decision: "forbid",
      sourceIp: "10.244.1.30",
      userAgent: "curl/8.5.0",
    },
  ]),
];

function draftsOf(): EventDraft[] {
  const repeated = HABITS.flatMap(({ every, after = 0.5, ...draft }) => {
    const times = Math.floor((DAYS * 24 - after) / every);
    return Array.from({ length: times }, (_, at) => ({ ...draft, at: after + at * every }));
  });
  const inOrder = [...repeated, ...ONCE].toSorted((a, b) => a.at - b.at);
  return inOrder.map(({ at, ...draft }, number) => ({
    ...draft,
    time: new Date(START + at * HOUR).toISOString().replace("Z", "000Z"),
    auditID: `5f0c7e1a-0000-4000-8000-${String(number).padStart(12, "0")}`,
  }));
}

/** The bytes of `examples/shop/audit.jsonl`. */
export function auditExampleText(): string {
  return auditLog(draftsOf());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(AUDIT_EXAMPLE_FILE, auditExampleText());
