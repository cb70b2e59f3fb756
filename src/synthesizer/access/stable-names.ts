import type { ResourceAttributes } from "../../model/access.ts";

/** Kinds whose objects people name, and which keep their names; with group. */
const STABLE: ReadonlySet<string> = new Set([
  "clusterrolebindings.rbac.authorization.k8s.io",
  "clusterroles.rbac.authorization.k8s.io",
  "configmaps",
  "customresourcedefinitions.apiextensions.k8s.io",
  "leases.coordination.k8s.io",
  "mutatingwebhookconfigurations.admissionregistration.k8s.io",
  "namespaces",
  "rolebindings.rbac.authorization.k8s.io",
  "roles.rbac.authorization.k8s.io",
  "secrets",
  "serviceaccounts",
  "services",
  "validatingwebhookconfigurations.admissionregistration.k8s.io",
]);

/** Kinds whose objects come and go, so that a name is of no use tomorrow. */
const CHURNED: ReadonlySet<string> = new Set([
  "certificatesigningrequests.certificates.k8s.io",
  "controllerrevisions.apps",
  "endpointslices.discovery.k8s.io",
  "events",
  "events.events.k8s.io",
  "jobs.batch",
  "nodes",
  "persistentvolumes",
  "pods",
  "replicasets.apps",
  "volumeattachments.storage.k8s.io",
]);

/** The alphabet of names that Kubernetes makes up (apimachinery, util/rand), of the length that it makes them. */
const MADE_UP = /-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|[bcdfghjklmnpqrstvwxz2456789]{8,10}|[0-9a-f]{8,}|\d{5,})$/u;

/** True for a name that looks made up, so that the next object of its kind has another one. */
export function isGenerated(name: string): boolean {
  return MADE_UP.test(name);
}

/** True for kinds whose objects come and go. */
export function isChurned(attributes: ResourceAttributes): boolean {
  return CHURNED.has(kindOf(attributes));
}

/** Verbs on any object. Others (`use`, `bind`, `approve`) are granted for what has the name, and for that alone. */
const STANDARD_VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/** True where a name will mean the same tomorrow: it stands in Git, or is a plain name of a kind that keeps its names. */
export function isStable(attributes: ResourceAttributes, stableNames: ReadonlySet<string>): boolean {
  const { namespace, name } = attributes;
  if (stableNames.has(`${kindOf(attributes)} ${namespace}/${name}`)) return true;
  if (!STANDARD_VERBS.includes(attributes.verb)) return true;
  return STABLE.has(kindOf(attributes)) && !isGenerated(name);
}

function kindOf({ resource, apiGroup }: ResourceAttributes): string {
  return apiGroup === "" ? resource : `${resource}.${apiGroup}`;
}
