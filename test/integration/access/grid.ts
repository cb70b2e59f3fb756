import type { AccessAttributes } from "../../../src/model/access.ts";
import type { Cluster, Member } from "./cluster.ts";
import { isAllowed } from "./rbac.ts";
import { ODD_ROLE } from "./world.ts";

/** A resource with its subresources (`""` for itself), and a name that the scenario or a role uses. */
interface Family {
  readonly group: string;
  readonly resource: string;
  readonly subresources?: string;
  readonly name: string;
  /** Verbs besides those that all have. */
  readonly verbs?: string;
}

const RBAC = "rbac.authorization.k8s.io";
const CERTIFICATES = "certificates.k8s.io";
const AUTHENTICATION = "authentication.k8s.io";

const FAMILIES: readonly Family[] = [
  { group: "", resource: "pods", subresources: "log exec eviction attach status", name: "web-0" },
  { group: "", resource: "configmaps", name: "app-config" },
  { group: "", resource: "secrets", name: "db" },
  { group: "", resource: "services", name: "web" },
  { group: "", resource: "serviceaccounts", subresources: "token", name: "bot", verbs: "impersonate" },
  { group: "", resource: "events", name: "seen" },
  { group: "", resource: "namespaces", subresources: "finalize", name: "prod" },
  { group: "", resource: "nodes", subresources: "proxy metrics", name: "node-1" },
  { group: "", resource: "endpoints", name: "web" },
  { group: "", resource: "users", name: "frank", verbs: "impersonate" },
  { group: "", resource: "groups", name: "auditors", verbs: "impersonate" },
  { group: AUTHENTICATION, resource: "userextras", subresources: "reason scopes", name: "read", verbs: "impersonate" },
  { group: AUTHENTICATION, resource: "uids", name: "frank-1", verbs: "impersonate" },
  { group: AUTHENTICATION, resource: "users", name: "frank", verbs: "impersonate:user-info" },
  { group: AUTHENTICATION, resource: "groups", name: "auditors", verbs: "impersonate:user-info" },
  { group: AUTHENTICATION, resource: "tokenreviews", name: "any" },
  { group: "authorization.k8s.io", resource: "subjectaccessreviews", name: "any" },
  { group: "apps", resource: "deployments", subresources: "status scale", name: "web" },
  { group: "apps", resource: "replicasets", name: "web" },
  { group: "coordination.k8s.io", resource: "leases", name: "leader" },
  { group: "apiextensions.k8s.io", resource: "customresourcedefinitions", name: "widgets.example.com" },
  { group: "example.com", resource: "widgets", subresources: "status scale finalizers", name: "round" },
  { group: "metrics.example.com", resource: "samples", name: "cpu" },
  { group: RBAC, resource: "roles", name: "pod-reader", verbs: "bind escalate" },
  { group: RBAC, resource: "roles", name: ODD_ROLE, verbs: "bind escalate" },
  { group: RBAC, resource: "rolebindings", name: "secret-reader" },
  { group: RBAC, resource: "clusterroles", name: "made-secret-reader", verbs: "bind escalate" },
  { group: RBAC, resource: "clusterrolebindings", name: "made-secret-reader" },
  { group: CERTIFICATES, resource: "certificatesigningrequests", subresources: "approval status", name: "for-web" },
  { group: CERTIFICATES, resource: "signers", name: "example.com/web", verbs: "approve sign" },
];

const VERBS = "get list watch create update patch delete deletecollection";
const PATHS = [
  "/metrics",
  "/metrics/slis",
  "/livez",
  "/livez/ping",
  "/logs/",
  "/logs/kube.log",
  "/debug/pprof",
  "/version",
  "/*",
];

/** What might be asked: each family by verb, namespace and name; and paths. */
export const GRID: readonly AccessAttributes[] = [
  ...FAMILIES.flatMap(atomsOf),
  ...PATHS.flatMap((path) =>
    ["get", "head", "post"].map((verb): AccessAttributes => ({ kind: "non-resource", verb, path })),
  ),
];

function atomsOf({ group: apiGroup, resource, subresources, name, verbs }: Family): AccessAttributes[] {
  const kinds = ["", ...(subresources?.split(" ") ?? [])];
  const places = [
    ["", ""],
    ["", name],
    ["prod", ""],
    ["prod", name],
    ["prod", "unseen"],
    ["staging", ""],
    ["shop", name],
  ] as const;
  const common = { kind: "resource", apiGroup, resource } as const;
  return kinds.flatMap((subresource) =>
    [...VERBS.split(" "), ...(verbs?.split(" ") ?? [])].flatMap((verb) =>
      places.map(([namespace, one]) => ({ ...common, verb, subresource, namespace, name: one })),
    ),
  );
}

/** How many questions are on their way at once. */
const AT_ONCE = 16;

/** The server's answers to a part of the grid for somebody, by place in it. */
export async function askGrid(
  { admin }: Cluster,
  { username: user, groups }: Member,
  isAsked: (index: number, attributes: AccessAttributes) => boolean,
): Promise<ReadonlyMap<number, boolean>> {
  const answers = new Map<number, boolean>();
  const asked = [...GRID.entries()].filter(([index, attributes]) => isAsked(index, attributes)).values();
  const ask = async (): Promise<void> => {
    for (const [index, attributes] of asked) {
      answers.set(index, await isAllowed(admin, { user, groups, ...specOf(attributes) }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return answers;
}

/** As a SubjectAccessReview says it. */
export function specOf(atom: AccessAttributes): object {
  if (atom.kind === "non-resource") return { nonResourceAttributes: { verb: atom.verb, path: atom.path } };
  const { verb, apiGroup: group, resource, subresource, namespace, name } = atom;
  return { resourceAttributes: { verb, group, resource, subresource, namespace, name } };
}
