import type { AccessAttributes } from "../../../src/model/access.ts";
import { binding, type Made, made, role, rule } from "./objects.ts";
import { SIGNING_REQUEST } from "./scenario/signing-request.ts";
import type { Carried } from "./step.ts";

/** Somebody with these rights and no others asks for something. */
export interface Probe {
  /** The number of the fact that it checks. */
  readonly rule: number;
  readonly what: string;
  /** The roles and bindings of whoever asks. */
  readonly rights: (who: string) => readonly Made[];
  readonly request: string;
  readonly carried?: Carried;
  readonly code: number;
  /**
   * What the authorizer is asked on the way, each as `VERB RESOURCE[/SUBRESOURCE][.GROUP] [NAMESPACE]/[NAME]` or
   * `METHOD PATH`: the request passes when it says yes to all.
   */
  readonly asked: readonly string[];
}

const RBAC = "rbac.authorization.k8s.io";
const ROLES = `/apis/${RBAC}/v1/namespaces/prod/roles`;
const BINDINGS = `/apis/${RBAC}/v1/namespaces/prod/rolebindings`;
const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const CONFIGS = "/api/v1/namespaces/prod/configmaps";

type Rule = ReturnType<typeof rule>;

/** Rights in `prod`, by a Role. */
const inProd =
  (...rules: readonly Rule[]): Probe["rights"] =>
  (who) => [role(`prod/${who}`, ...rules), binding(`prod/${who}`, `Role/${who}`, `User ${who}`)];
/** Rights everywhere. */
const everywhere =
  (...rules: readonly Rule[]): Probe["rights"] =>
  (who) => [role(who, ...rules), binding(who, `ClusterRole/${who}`, `User ${who}`)];
/** Rights of a ClusterRole in `prod`. */
const within =
  (...rules: readonly Rule[]): Probe["rights"] =>
  (who) => [role(who, ...rules), binding(`prod/${who}`, `ClusterRole/${who}`, `User ${who}`)];

const config = (name: string): Carried => ({ body: made("v1", "ConfigMap", `prod/${name}`) });
const apply = (name: string): string => `APPLY ${CONFIGS}/${name}?fieldManager=probe`;
const named = (verbs: string, names: readonly string[]): Rule => rule(verbs, "configmaps", { names });
const roles = (verbs: string, names?: readonly string[]): Rule =>
  rule(verbs, "roles rolebindings", { group: RBAC, ...(names === undefined ? {} : { names }) });
const approval = { group: "certificates.k8s.io" };
const signing = (status: object): Made =>
  made("certificates.k8s.io/v1", "CertificateSigningRequest", "for-web", {
    spec: { request: SIGNING_REQUEST, signerName: "example.com/web", usages: ["client auth"] },
    ...status,
  });
/** The request that is approved. */
export const SIGNING = signing({});
const APPROVED = {
  body: signing({ status: { conditions: [{ type: "Approved", status: "True", reason: "Fine", message: "Fine" }] } }),
};
const selected = (operator: string): string => `GET ${CONFIGS}?fieldSelector=metadata.name${operator}app-config`;

/** Facts of RBAC, section 9.1, and others like them. */
export const PROBES: readonly Probe[] = [
  {
    rule: 21,
    what: "an apply that creates needs create",
    rights: inProd(rule("patch", "configmaps")),
    request: apply("new-1"),
    carried: config("new-1"),
    code: 403,
    asked: ["patch configmaps prod/new-1", "create configmaps prod/new-1"],
  },
  {
    rule: 21,
    what: "and is content with create of that name",
    rights: inProd(rule("patch", "configmaps"), named("create", ["new-2"])),
    request: apply("new-2"),
    carried: config("new-2"),
    code: 201,
    asked: ["patch configmaps prod/new-2", "create configmaps prod/new-2"],
  },
  {
    rule: 33,
    what: "a POST has no name",
    rights: inProd(named("create", ["new-3"])),
    request: `POST ${CONFIGS}`,
    carried: config("new-3"),
    code: 403,
    asked: ["create configmaps prod/"],
  },
  {
    rule: 30,
    what: "nodes are not granted by a Role",
    rights: inProd(rule("list", "nodes")),
    request: "GET /api/v1/nodes",
    code: 403,
    asked: ["list nodes /"],
  },
  {
    rule: 30,
    what: "nor by a ClusterRole bound in a namespace",
    rights: within(rule("list", "nodes")),
    request: "GET /api/v1/nodes",
    code: 403,
    asked: ["list nodes /"],
  },
  {
    rule: 30,
    what: "nor is a list of all namespaces",
    rights: within(rule("list", "pods")),
    request: "GET /api/v1/pods",
    code: 403,
    asked: ["list pods /"],
  },
  {
    rule: 30,
    what: "nor a path",
    rights: within(rule("get", "/metrics")),
    request: "GET /metrics",
    code: 403,
    asked: ["get /metrics"],
  },
  {
    rule: 18,
    what: "a path with a query in a rule is no path",
    rights: everywhere(rule("get", "/metrics?format=text")),
    request: "GET /metrics?format=text",
    code: 403,
    asked: ["get /metrics"],
  },
  {
    rule: 18,
    what: "a path is granted with any query",
    rights: everywhere(rule("get", "/metrics")),
    request: "GET /metrics?format=text",
    code: 200,
    asked: ["get /metrics"],
  },
  {
    rule: 18,
    what: "and nothing below it",
    rights: everywhere(rule("get", "/metrics")),
    request: "GET /metrics/slis",
    code: 403,
    asked: ["get /metrics/slis"],
  },
  {
    rule: 18,
    what: "everybody may see whether the server lives, and not how",
    rights: () => [],
    request: "GET /livez/ping",
    code: 403,
    asked: ["get /livez/ping"],
  },
  {
    rule: 15,
    what: "a collection is deleted without a name",
    rights: inProd(named("deletecollection", ["app-config"])),
    request: `DELETE ${CONFIGS}?fieldSelector=metadata.name%3Dapp-config`,
    code: 403,
    asked: ["deletecollection configmaps prod/"],
  },
  {
    rule: 15,
    what: "a list of one name has that name",
    rights: inProd(named("list", ["app-config"])),
    request: selected("%3D"),
    code: 200,
    asked: ["list configmaps prod/app-config"],
  },
  {
    rule: 15,
    what: "also written with two signs, and with another selector",
    rights: inProd(named("list", ["app-config"])),
    request: `${selected("%3D%3D")}%2Cmetadata.namespace%3Dprod`,
    code: 200,
    asked: ["list configmaps prod/app-config"],
  },
  {
    rule: 15,
    what: "a list of all but one has none",
    rights: inProd(named("list", ["app-config"])),
    request: selected("!%3D"),
    code: 403,
    asked: ["list configmaps prod/"],
  },
  {
    rule: 34,
    what: "a star after the slash is nothing",
    rights: inProd(rule("get", "pods/*")),
    request: "GET /api/v1/namespaces/prod/pods/placed/log",
    code: 403,
    asked: ["get pods/log prod/placed"],
  },
  {
    rule: 34,
    what: "a star before it is any resource",
    rights: inProd(rule("get", "*/log")),
    request: "GET /api/v1/namespaces/prod/pods/placed/log",
    code: 500,
    asked: ["get pods/log prod/placed"],
  },
  {
    rule: 34,
    what: "a resource is not its subresources",
    rights: inProd(rule("get", "pods")),
    request: "GET /api/v1/namespaces/prod/pods/placed/log",
    code: 403,
    asked: ["get pods/log prod/placed"],
  },
  {
    rule: 35,
    what: "who may watch watches",
    rights: inProd(rule("watch", "configmaps")),
    request: `WATCH ${CONFIGS}`,
    code: 200,
    asked: ["watch configmaps prod/"],
  },
  {
    rule: 35,
    what: "and does not list",
    rights: inProd(rule("watch", "configmaps")),
    request: `GET ${CONFIGS}`,
    code: 403,
    asked: ["list configmaps prod/"],
  },
  {
    rule: 16,
    what: "a namespace is in itself",
    rights: inProd(rule("get", "namespaces")),
    request: "GET /api/v1/namespaces/prod",
    code: 200,
    asked: ["get namespaces prod/prod"],
  },
  {
    rule: 16,
    what: "and in no other",
    rights: inProd(rule("get", "namespaces")),
    request: "GET /api/v1/namespaces/shop",
    code: 403,
    asked: ["get namespaces shop/shop"],
  },
  {
    rule: 16,
    what: "and all of them in none",
    rights: inProd(rule("list", "namespaces")),
    request: "GET /api/v1/namespaces",
    code: 403,
    asked: ["list namespaces /"],
  },
  {
    rule: 24,
    what: "a role of what the writer has not",
    rights: inProd(roles("create")),
    request: `POST ${ROLES}`,
    carried: { body: role("prod/made-1", rule("get", "secrets")) },
    code: 403,
    asked: [`create roles.${RBAC} prod/`, `escalate roles.${RBAC} prod/`],
  },
  {
    rule: 24,
    what: "with escalate for its name alone: what is created has none",
    rights: inProd(roles("create"), roles("escalate", ["made-2"])),
    request: `POST ${ROLES}`,
    carried: { body: role("prod/made-2", rule("get", "secrets")) },
    code: 403,
    asked: [`create roles.${RBAC} prod/`, `escalate roles.${RBAC} prod/`],
  },
  {
    rule: 24,
    what: "with escalate",
    rights: inProd(roles("create escalate")),
    request: `POST ${ROLES}`,
    carried: { body: role("prod/made-2", rule("get", "secrets")) },
    code: 201,
    asked: [`create roles.${RBAC} prod/`, `escalate roles.${RBAC} prod/`],
  },
  {
    rule: 24,
    what: "a role that is there is widened with escalate for its name",
    rights: inProd(roles("patch escalate", ["widened"])),
    request: `PATCH ${ROLES}/widened`,
    carried: { body: { rules: [rule("get", "secrets")] } },
    code: 200,
    asked: [`patch roles.${RBAC} prod/widened`, `escalate roles.${RBAC} prod/widened`],
  },
  {
    rule: 24,
    what: "of what the writer has",
    rights: inProd(roles("create"), rule("get", "secrets")),
    request: `POST ${ROLES}`,
    carried: { body: role("prod/made-3", rule("get", "secrets")) },
    code: 201,
    asked: [`create roles.${RBAC} prod/`, "get secrets prod/"],
  },
  {
    rule: 24,
    what: "a binding to a role that the writer may not bind",
    rights: inProd(roles("create"), roles("bind", ["other"])),
    request: `POST ${BINDINGS}`,
    carried: { body: binding("prod/made-1", "Role/target", "User any") },
    code: 403,
    asked: [`create rolebindings.${RBAC} prod/`, `bind roles.${RBAC} prod/target`],
  },
  {
    rule: 24,
    what: "to one that it may bind by name",
    rights: inProd(roles("create"), roles("bind", ["target"])),
    request: `POST ${BINDINGS}`,
    carried: { body: binding("prod/made-2", "Role/target", "User any") },
    code: 201,
    asked: [`create rolebindings.${RBAC} prod/`, `bind roles.${RBAC} prod/target`],
  },
  {
    rule: 26,
    what: "an approval without a right to the signer",
    rights: everywhere(rule("update", "certificatesigningrequests/approval", approval)),
    request: `PUT ${REQUESTS}/for-web/approval`,
    carried: APPROVED,
    code: 403,
    asked: [
      "update certificatesigningrequests/approval.certificates.k8s.io /for-web",
      "approve signers.certificates.k8s.io /example.com/web",
    ],
  },
  {
    rule: 26,
    what: "with one to all signers of the domain, which the server asks for when it may not this one",
    rights: everywhere(
      rule("update", "certificatesigningrequests/approval", approval),
      rule("approve", "signers", { ...approval, names: ["example.com/*"] }),
    ),
    request: `PUT ${REQUESTS}/for-web/approval`,
    carried: APPROVED,
    code: 200,
    asked: [
      "update certificatesigningrequests/approval.certificates.k8s.io /for-web",
      "approve signers.certificates.k8s.io /example.com/*",
    ],
  },
  {
    rule: 14,
    what: "a token of the account that is named",
    rights: inProd(rule("create", "serviceaccounts/token", { names: ["web"] })),
    request: "POST /api/v1/namespaces/prod/serviceaccounts/web/token",
    carried: { body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} } },
    code: 201,
    asked: ["create serviceaccounts/token prod/web"],
  },
  {
    rule: 14,
    what: "a token of another",
    rights: inProd(rule("create", "serviceaccounts/token", { names: ["legacy"] })),
    request: "POST /api/v1/namespaces/prod/serviceaccounts/web/token",
    carried: { body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} } },
    code: 403,
    asked: ["create serviceaccounts/token prod/web"],
  },
  {
    rule: 22,
    what: "a shell over a socket with get alone",
    rights: inProd(rule("get", "pods/exec")),
    request: "SOCKET /api/v1/namespaces/prod/pods/placed/exec?command=id",
    code: 403,
    asked: ["get pods/exec prod/placed", "create pods/exec prod/placed"],
  },
  {
    rule: 22,
    what: "with get and create",
    rights: inProd(rule("get create", "pods/exec")),
    request: "SOCKET /api/v1/namespaces/prod/pods/placed/exec?command=id",
    code: 500,
    asked: ["get pods/exec prod/placed", "create pods/exec prod/placed"],
  },
];

/** @throws Error for a text that says nothing to ask */
export function asked(text: string): AccessAttributes {
  const [, verb = "", what = "", namespace, name = ""] = /^(\S+) (\S+)(?: ([^/]*)\/(.*))?$/u.exec(text) ?? [];
  if (verb === "") throw new Error(`nothing is asked by ${text}`);
  if (what.startsWith("/")) return { kind: "non-resource", verb, path: what };
  const dot = what.indexOf(".");
  const [whole, apiGroup] = dot < 0 ? [what, ""] : [what.slice(0, dot), what.slice(dot + 1)];
  const [resource = "", subresource = ""] = whole.split("/");
  return { kind: "resource", verb, apiGroup, resource, subresource, namespace: namespace ?? "", name };
}
