import { AuditDecoder } from "../../../src/collectors/formats/audit/decoder.ts";
import type { AccessAttributes, AccessRecord } from "../../../src/model/access.ts";
import type { Json } from "./flows.ts";

/** A ServiceAccount's successful `get` of a ConfigMap; `changes` replaces members, undefined takes them out. */
export function auditEvent(changes: Json = {}): Json {
  return {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: "805e8918-d1fc-43bb-b117-88f68c9774b4",
    stage: "ResponseComplete",
    requestURI: "/api/v1/namespaces/shop/configmaps/prices?timeout=10s",
    verb: "get",
    user: {
      username: "system:serviceaccount:shop:cart",
      uid: "b1e6c1a0",
      groups: ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
      extra: { "authentication.kubernetes.io/pod-name": ["cart-6b746f74dc-9rcxx"] },
    },
    sourceIPs: ["1.2.3.4", "10.244.0.177"],
    userAgent: "cart/v3 (linux/amd64)",
    objectRef: { resource: "configmaps", namespace: "shop", name: "prices", apiVersion: "v1" },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: "2026-03-10T10:40:56.465597Z",
    stageTimestamp: "2026-03-10T10:40:56.471100Z",
    annotations: {
      "authorization.k8s.io/decision": "allow",
      "authorization.k8s.io/reason":
        'RBAC: allowed by RoleBinding "cart/shop" of Role "cart" to ServiceAccount "cart/shop"',
    },
    ...changes,
  };
}

/** What is asked for in an event: URI and `objectRef` say the same. */
export function asking(verb: string, requestURI: string, objectRef?: Json): Json {
  return auditEvent({
    verb,
    requestURI,
    objectRef: objectRef === undefined ? undefined : { apiVersion: "v1", ...objectRef },
  });
}

/** The record of an event, or an error with its fault. */
export function recordOf(event: Json): AccessRecord {
  const { record, fault } = new AuditDecoder().decode({
    kind: "audit-event",
    fields: event,
    source: { origin: undefined, cluster: undefined },
  });
  if (record === undefined) throw new Error(fault);
  return record;
}

/** The fault of an event; undefined when it has none. */
export function faultOf(event: Json): string | undefined {
  return new AuditDecoder().decode({
    kind: "audit-event",
    fields: event,
    source: { origin: undefined, cluster: undefined },
  }).fault;
}

/** `get apps/deployments/scale shop/cart`, `get /healthz`: attributes in one line. */
export function shownAttributes(attributes: AccessAttributes): string {
  if (attributes.kind === "non-resource") return `${attributes.verb} ${attributes.path}`;
  const { verb, apiGroup, resource, subresource, namespace, name } = attributes;
  const group = apiGroup === "" ? "" : `${apiGroup}/`;
  const what = `${group}${resource}${subresource === "" ? "" : `/${subresource}`}`;
  return `${verb} ${what} ${namespace || "*"}/${name || "*"}`;
}

/** `count` events of different kinds. */
export function variedEvents(count: number): Json[] {
  const kinds: Json[] = [
    {},
    {
      verb: "list",
      requestURI: "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&limit=500",
      objectRef: { resource: "pods", apiVersion: "v1" },
    },
    {
      verb: "create",
      stage: "ResponseStarted",
      requestURI: "/api/v1/namespaces/shop/pods/cart-0/exec?command=sh&stdin=true",
      objectRef: { resource: "pods", namespace: "shop", name: "cart-0", subresource: "exec", apiVersion: "v1" },
      responseStatus: { metadata: {}, code: 101 },
    },
    {
      verb: "patch",
      requestURI: "/apis/apps/v1/namespaces/shop/deployments/cart?fieldManager=argocd&force=true",
      objectRef: { resource: "deployments", namespace: "shop", name: "cart", apiGroup: "apps", apiVersion: "v1" },
      responseStatus: { metadata: {}, code: 201 },
      user: { username: "system:serviceaccount:argocd:controller", groups: ["system:authenticated"] },
    },
    {
      requestURI: "/healthz?verbose",
      objectRef: undefined,
      user: { username: "prober", groups: ["system:authenticated"] },
      annotations: {
        "authorization.k8s.io/decision": "forbid",
        "authorization.k8s.io/reason": "",
      },
      responseStatus: { metadata: {}, status: "Failure", reason: "Forbidden", code: 403 },
    },
    {
      impersonatedUser: { username: "dave@example.com", groups: ["oidc:developers", "system:authenticated"] },
      annotations: {
        "authorization.k8s.io/decision": "allow",
        "authorization.k8s.io/reason":
          'RBAC: allowed by ClusterRoleBinding "developers" of ClusterRole "view" to Group "oidc:developers"',
      },
    },
    {
      verb: "update",
      requestURI: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/viewers",
      objectRef: { resource: "clusterrolebindings", name: "viewers", apiGroup: "rbac.authorization.k8s.io" },
      level: "Request",
      requestObject: { kind: "ClusterRoleBinding", roleRef: { kind: "ClusterRole", name: "view" } },
    },
  ];
  return Array.from({ length: count }, (_, index) =>
    auditEvent({
      ...kinds[index % kinds.length],
      auditID: `805e8918-d1fc-43bb-b117-${String(index).padStart(12, "0")}`,
      requestReceivedTimestamp: `2026-03-10T10:${String(10 + (index % 50))}:00.5Z`,
    }),
  );
}
