import type { JsonObject } from "../json.ts";

/** Short ways to write objects down, so that a world can be read as a list. */

export const RBAC = "rbac.authorization.k8s.io/v1";
const RBAC_GROUP = "rbac.authorization.k8s.io";

/** An object as the server takes it. */
export interface Made {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** An object; without a namespace a cluster-scoped one. */
export function made(apiVersion: string, kind: string, place: string, fields: object = {}): Made {
  const [name = "", namespace] = place.split("/").toReversed();
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, ...fields };
}

/** What a rule may say besides verbs and resources. */
export interface RuleLimits {
  readonly group?: string;
  readonly names?: readonly string[];
}

/** A rule; verbs and resources are words. Resources that begin with a slash are paths. */
export function rule(verbs: string, resources: string, { group = "", names }: RuleLimits = {}): JsonObject {
  const what = resources.startsWith("/")
    ? { nonResourceURLs: resources.split(" ") }
    : { apiGroups: [group], resources: resources.split(" ") };
  return { verbs: verbs.split(" "), ...what, ...(names === undefined ? {} : { resourceNames: names }) };
}

/** A role at `NAMESPACE/NAME`, or a cluster role at `NAME`. */
export function role(place: string, ...rules: readonly JsonObject[]): Made {
  return made(RBAC, place.includes("/") ? "Role" : "ClusterRole", place, { rules });
}

/**
 * A binding at `NAMESPACE/NAME` or `NAME` to `Role/NAME` or `ClusterRole/NAME`, for `KIND NAME` subjects, those of kind
 * `SA` by `NAMESPACE/NAME`.
 */
export function binding(place: string, roleRef: string, ...subjects: readonly string[]): Made {
  const cut = roleRef.indexOf("/");
  return made(RBAC, place.includes("/") ? "RoleBinding" : "ClusterRoleBinding", place, {
    roleRef: { apiGroup: RBAC_GROUP, kind: roleRef.slice(0, cut), name: roleRef.slice(cut + 1) },
    subjects: subjects.map(subject),
  });
}

function subject(text: string): JsonObject {
  const cut = text.indexOf(" ");
  const [kind, name] = [text.slice(0, cut), text.slice(cut + 1)];
  if (kind !== "SA") return { apiGroup: RBAC_GROUP, kind, name };
  const [namespace = "", account = ""] = name.split("/");
  return { kind: "ServiceAccount", namespace, name: account };
}

/** A pod that no kubelet ever runs. */
export function pod(place: string, fields: JsonObject = {}): Made {
  return made("v1", "Pod", place, { spec: { containers: [{ name: "main", image: "none" }], ...fields } });
}

/** A Deployment of no pods. */
export function deployment(place: string): Made {
  const labels = { app: place.split("/")[1] ?? "" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "none" }] } };
  return made("apps/v1", "Deployment", place, { spec: { replicas: 0, selector: { matchLabels: labels }, template } });
}

/** The definition of a kind with status and scale. */
export function definition(
  kind: string,
  scope: "Namespaced" | "Cluster",
  plural: string = `${kind.toLowerCase()}s`,
): Made {
  const singular = kind.toLowerCase();
  const scale = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" };
  const version = {
    name: "v1",
    served: true,
    storage: true,
    subresources: { status: {}, scale },
    schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
  };
  return made("apiextensions.k8s.io/v1", "CustomResourceDefinition", `${plural}.example.com`, {
    spec: { group: "example.com", scope, names: { kind, plural, singular }, versions: [version] },
  });
}
