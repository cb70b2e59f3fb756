import { deployment, made, pod } from "../objects.ts";
import type { Step } from "../step.ts";

const STAGING = "/api/v1/namespaces/staging";
const SHOP = "/api/v1/namespaces/shop";
const FORCED = "?fieldManager=argocd-controller&force=true";
const token = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
const agent = "argocd-application-controller/v2";

/** A deployer: everything by server-side apply, in namespaces of its own making too. */
export const DEPLOYER: readonly Step[] = [
  [
    "deployer",
    `APPLY ${STAGING}/configmaps/settings${FORCED}`,
    201,
    "an apply that creates",
    {
      agent,
      body: made("v1", "ConfigMap", "staging/settings"),
    },
  ],
  [
    "deployer",
    `APPLY ${STAGING}/configmaps/app-config${FORCED}`,
    200,
    "an apply of what is there",
    {
      agent,
      body: made("v1", "ConfigMap", "staging/app-config", { data: { more: "x" } }),
    },
  ],
  [
    "deployer",
    `APPLY ${STAGING}/services/web${FORCED}`,
    201,
    "a service",
    {
      agent,
      body: made("v1", "Service", "staging/web", { spec: { ports: [{ port: 80 }] } }),
    },
  ],
  [
    "deployer",
    `APPLY /apis/apps/v1/namespaces/staging/deployments/web${FORCED}`,
    200,
    "a Deployment",
    {
      agent,
      body: deployment("staging/web"),
    },
  ],
  [
    "deployer",
    `APPLY /apis/apps/v1/namespaces/prod/deployments/web${FORCED}`,
    200,
    "and elsewhere",
    {
      agent,
      body: deployment("prod/web"),
    },
  ],
  [
    "deployer",
    `APPLY ${STAGING}/secrets/db${FORCED}`,
    403,
    "a secret",
    {
      agent,
      body: made("v1", "Secret", "staging/db"),
    },
  ],
  ["deployer", "GET /apis/apps/v1/deployments", 200, "all of them"],
  ["deployer", "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions", 200, "the definitions"],
  ["deployer", "GET /api/v1/namespaces/staging", 200, "a namespace"],
  ["deployer", "DELETE /apis/apps/v1/namespaces/staging/deployments/gone", 404, "what is not there"],
  ["deployer", `GET ${STAGING}/pods`, 403, "what it has no business with"],
];

/** Monitoring: everything everywhere, read. */
export const MONITORING: readonly Step[] = [
  ["scraper", "GET /api/v1/pods?limit=500", 200, "pods of all namespaces"],
  ["scraper", "WATCH /api/v1/pods", 200, "and watched"],
  ["scraper", "WATCH /api/v1/services", 200, "a watch whose list is older than the log"],
  ["scraper", "GET /api/v1/nodes", 200, "nodes"],
  ["scraper", "GET /api/v1/nodes/node-1", 200, "a node"],
  ["scraper", "GET /api/v1/namespaces/prod/pods", 200, "pods of one namespace"],
  ["scraper", "GET /api/v1/namespaces/nowhere/pods", 200, "pods of a namespace that is not"],
  ["scraper", "GET /api/v1/pods?fieldSelector=metadata.name%3Dweb-0", 200, "pods of a name anywhere"],
  ["scraper", "GET /api/v1/nodes?fieldSelector=metadata.name%3Dnode-1", 200, "a node by selector"],
  ["scraper", "GET /metrics", 200, "a path"],
  ["scraper", "GET /metrics?format=text", 200, "a path with a query"],
  ["scraper", "GET /metrics/slis", 403, "a path below it"],
  ["scraper", "GET /livez/ping?verbose=1", 200, "a path below a granted one"],
  ["scraper", "GET /readyz/ping", 403, "a path like it"],
  ["scraper", "GET /livez", 200, "what everybody may"],
  ["scraper", "GET /api/v1/namespaces/prod/pods/web-0/log", 403, "logs"],
  ["scraper", "GET /api/v1/secrets", 403, "secrets"],
  ["scraper", "POST /api/v1/namespaces/prod/pods", 403, "a pod of its own", { body: pod("prod/mine") }],
  ["discoverer", "GET /api/v1/services", 200, "what is logged"],
  ["discoverer", "GET /api/v1/endpoints", 200, "what is not logged"],
  ["viewer", `GET ${SHOP}/pods`, 200, "through an aggregated role"],
  ["viewer", `GET ${SHOP}/configmaps/app-config`, 200, "through an aggregated role"],
  ["viewer", `GET ${SHOP}/secrets`, 403, "what no part of it holds"],
  ["viewer", "GET /api/v1/pods", 403, "what it holds elsewhere"],
  ["reporter", `GET ${SHOP}/pods/reporter-1`, 200, "with a token of its pod"],
  ["reporter", `GET ${SHOP}/configmaps`, 200, "with a token of its pod"],
  [
    "reporter",
    `POST ${SHOP}/events`,
    201,
    "an event",
    {
      body: { ...made("v1", "Event", "shop/seen"), involvedObject: { kind: "Pod", namespace: "shop" } },
    },
  ],
  ["reporter", `GET ${SHOP}/serviceaccounts`, 403, "other accounts"],
];

/** Services of the platform: tokens, reviews, certificates, namespaces that come and go. */
export const SERVICES: readonly Step[] = [
  ["issuer", `POST ${SHOP}/serviceaccounts/bot/token`, 201, "a token", { body: token }],
  ["issuer", `POST ${SHOP}/serviceaccounts/idle/token`, 403, "of another account", { body: token }],
  ["issuer", `POST ${SHOP}/serviceaccounts`, 403, "an account", { body: made("v1", "ServiceAccount", "shop/bot") }],
  [
    "auth-server",
    "POST /apis/authentication.k8s.io/v1/tokenreviews",
    201,
    "who is this",
    {
      body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token: "unknown" } },
    },
  ],
  [
    "auth-server",
    "POST /apis/authorization.k8s.io/v1/subjectaccessreviews",
    201,
    "may they",
    {
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: { user: "dana", nonResourceAttributes: { verb: "get", path: "/" } },
      },
    },
  ],
  [
    "web",
    "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    201,
    "may I",
    {
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { nonResourceAttributes: { verb: "get", path: "/" } },
      },
    },
  ],
  [
    "web",
    "POST /apis/authorization.k8s.io/v1/subjectaccessreviews",
    403,
    "may somebody else",
    {
      body: { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: { user: "dana" } },
    },
  ],
  ["runner", "GET /api/v1/namespaces/preview-1", 404, "is there a preview"],
  ["runner", "POST /api/v1/namespaces", 201, "a preview", { body: made("v1", "Namespace", "preview-1") }],
  [
    "runner",
    "POST /apis/apps/v1/namespaces/preview-1/deployments",
    201,
    "in the preview",
    {
      body: deployment("preview-1/web"),
    },
  ],
  ["runner", "GET /api/v1/namespaces/preview-1/pods", 200, "in the preview"],
  ["runner", "DELETE /apis/apps/v1/namespaces/preview-1/deployments/web", 200, "in the preview"],
  ["runner", "DELETE /api/v1/namespaces/preview-1", 200, "no preview any more"],
  ["runner", "GET /api/v1/namespaces/preview-1/secrets", 403, "a secret in the preview"],
  ["runner", "GET /apis/apps/v1/namespaces/staging/deployments/web", 200, "somewhere that stays"],
];
