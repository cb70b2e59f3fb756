import type { AccessAttributes, ResourceAttributes } from "./access.ts";
import type { AccessRisk } from "./access-policy.ts";

/** What somebody did, by how much harm it could do; the last two are no risk of their own. */
export type AccessClass = AccessRisk | "write" | "read";

const READS: ReadonlySet<string> = new Set(["get", "list", "watch", "head", "options"]);
const WRITES: ReadonlySet<string> = new Set(["create", "update", "patch", "delete", "deletecollection"]);

const RBAC = "rbac.authorization.k8s.io";

/** Subresources of pods by which somebody gets into one. */
const INTO_PODS: ReadonlySet<string> = new Set(["attach", "ephemeralcontainers", "exec", "portforward", "proxy"]);

/** Resources from which pods are made, by group. */
const WORKLOADS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["", new Set(["pods", "replicationcontrollers", "podtemplates"])],
  ["apps", new Set(["daemonsets", "deployments", "replicasets", "statefulsets"])],
  ["batch", new Set(["cronjobs", "jobs"])],
]);

const ADMISSION: ReadonlySet<string> = new Set([
  "mutatingadmissionpolicies",
  "mutatingadmissionpolicybindings",
  "mutatingwebhookconfigurations",
  "validatingadmissionpolicies",
  "validatingadmissionpolicybindings",
  "validatingwebhookconfigurations",
]);

/** Each risk and what is of it, gravest first: of several the first counts. */
const RISKS: readonly (readonly [AccessRisk, (attributes: ResourceAttributes) => boolean])[] = [
  [
    "change-access",
    ({ verb, apiGroup }) => verb === "bind" || verb === "escalate" || (apiGroup === RBAC && WRITES.has(verb)),
  ],
  ["impersonate", ({ verb }) => verb === "impersonate" || /^impersonate(?:-on)?:/u.test(verb)],
  [
    "run-in-pods",
    ({ apiGroup, resource, subresource }) => apiGroup === "" && resource === "pods" && INTO_PODS.has(subresource),
  ],
  ["read-secrets", ({ verb, apiGroup, resource }) => apiGroup === "" && resource === "secrets" && READS.has(verb)],
  ["mint-tokens", (attributes) => isPart(attributes, "", "serviceaccounts", "token") && attributes.verb === "create"],
  ["reach-nodes", (attributes) => isPart(attributes, "", "nodes", "proxy")],
  [
    "change-admission",
    ({ verb, apiGroup, resource }) =>
      apiGroup === "admissionregistration.k8s.io" && ADMISSION.has(resource) && WRITES.has(verb),
  ],
  [
    "approve-certificates",
    ({ verb, apiGroup, resource, subresource }) =>
      apiGroup === "certificates.k8s.io" &&
      ((resource === "signers" && !READS.has(verb)) ||
        (resource === "certificatesigningrequests" &&
          ["approval", "status"].includes(subresource) &&
          WRITES.has(verb))),
  ],
  [
    "run-workloads",
    ({ verb, apiGroup, resource, subresource }) =>
      subresource === "" &&
      ["create", "patch", "update"].includes(verb) &&
      WORKLOADS.get(apiGroup)?.has(resource) === true,
  ],
];

function isPart(
  { apiGroup, resource, subresource }: ResourceAttributes,
  group: string,
  of: string,
  part: string,
): boolean {
  return apiGroup === group && resource === of && subresource === part;
}

/** What makes an access dangerous; undefined for everything else. */
export function accessRiskOf(attributes: AccessAttributes): AccessRisk | undefined {
  if (attributes.kind === "non-resource") return undefined;
  return RISKS.find(([, isOfIt]) => isOfIt(attributes))?.[0];
}

/** Its risk, else whether it only reads. Verbs that nobody knows are taken for writing. */
export function accessClassOf(attributes: AccessAttributes): AccessClass {
  return accessRiskOf(attributes) ?? (READS.has(attributes.verb) ? "read" : "write");
}
