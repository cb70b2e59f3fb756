import { binding, made, role, rule } from "../objects.ts";
import type { Step } from "../step.ts";
import { ODD_ROLE } from "../world.ts";
import { SIGNING_REQUEST } from "./signing-request.ts";

const ROLES = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles";
const BINDINGS = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings";
const CLUSTER_ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
const CLUSTER_BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

const secrets = rule("get list", "secrets");

/** Rights that hand on rights: escalate, bind, or what the writer holds. */
export const RIGHTS: readonly Step[] = [
  ["rita", `POST ${ROLES}`, 201, "a role of what she has not", { body: role("shop/secret-reader", secrets) }],
  [
    "rita",
    `POST ${BINDINGS}`,
    201,
    "a binding to it",
    {
      body: binding("shop/secret-reader", "Role/secret-reader", "User nobody-known"),
    },
  ],
  ["rita", `POST ${CLUSTER_ROLES}`, 201, "a cluster role", { body: role("made-secret-reader", secrets) }],
  [
    "rita",
    `PUT ${CLUSTER_ROLES}/made-secret-reader`,
    200,
    "changed",
    {
      body: role("made-secret-reader", secrets, rule("get", "pods")),
    },
  ],
  [
    "rita",
    `POST ${CLUSTER_BINDINGS}`,
    201,
    "for the cluster",
    {
      body: binding("made-secret-reader", "ClusterRole/made-secret-reader", "User nobody-known"),
    },
  ],
  ["rita", `DELETE ${CLUSTER_BINDINGS}/made-secret-reader`, 200, "and gone"],
  ["rita", "GET /api/v1/namespaces/shop/secrets", 403, "what she can give and has not"],
  [
    "rbac-operator",
    `POST ${ROLES}`,
    201,
    "a role of what it holds",
    {
      body: role("shop/made-pod-lister", rule("list", "pods")),
    },
  ],
  ["rbac-operator", `POST ${ROLES}`, 403, "a role of what it has not", { body: role("shop/made", secrets) }],
  ["rbac-operator", `PATCH ${ROLES}/made-pod-lister`, 403, "a role widened", { body: { rules: [secrets] } }],
  [
    "rbac-operator",
    `POST ${BINDINGS}`,
    201,
    "a binding to what it may bind",
    {
      body: binding("shop/made-reader", "Role/pod-reader", "User nobody-known"),
    },
  ],
  [
    "rbac-operator",
    `POST ${BINDINGS}`,
    201,
    "one to an odd name",
    {
      body: binding("shop/made-odd", `Role/${ODD_ROLE}`, "User nobody-known"),
    },
  ],
  [
    "rbac-operator",
    `POST ${BINDINGS}`,
    201,
    "one to a cluster role",
    {
      body: binding("shop/made-view", "ClusterRole/view", "User nobody-known"),
    },
  ],
  [
    "rbac-operator",
    `POST ${BINDINGS}`,
    403,
    "one to the highest",
    {
      body: binding("shop/made-admin", "ClusterRole/cluster-admin", "SA platform/rbac-operator"),
    },
  ],
  [
    "rbac-operator",
    `POST ${CLUSTER_BINDINGS}`,
    403,
    "one for the cluster",
    {
      body: binding("made-view", "ClusterRole/view", "SA platform/rbac-operator"),
    },
  ],
  ["rbac-operator", `DELETE ${BINDINGS}/made-reader`, 200, "and gone"],
  [
    "web",
    `POST ${BINDINGS}`,
    403,
    "somebody without rights",
    {
      body: binding("shop/made-web", "ClusterRole/cluster-admin", "SA prod/web"),
    },
  ],
  ["rita", `POST ${ROLES}`, 422, "paths in a role", { body: role("shop/made-paths", rule("get", "/metrics")) }],
];

const signing = (name: string, signer: string, status: object = {}): object =>
  made("certificates.k8s.io/v1", "CertificateSigningRequest", name, {
    spec: { request: SIGNING_REQUEST, signerName: signer, usages: ["client auth"] },
    ...status,
  });
const approved = { status: { conditions: [{ type: "Approved", status: "True", reason: "Fine", message: "Fine" }] } };

/** Certificates: whoever approves needs a right to the signer. */
export const CERTIFICATES: readonly Step[] = [
  ["root", `POST ${REQUESTS}`, 201, "a request", { body: signing("for-web", "example.com/web") }],
  ["root", `POST ${REQUESTS}`, 201, "a request", { body: signing("for-root", "example.com/root") }],
  ["approver", `GET ${REQUESTS}`, 200, "the requests"],
  [
    "approver",
    `PUT ${REQUESTS}/for-web/approval`,
    200,
    "approved",
    {
      body: signing("for-web", "example.com/web", approved),
    },
  ],
  [
    "approver",
    `PUT ${REQUESTS}/for-root/approval`,
    403,
    "of another signer",
    {
      body: signing("for-root", "example.com/root", approved),
    },
  ],
  ["approver", `PUT ${REQUESTS}/for-web`, 403, "the request itself", { body: signing("for-web", "example.com/web") }],
];
