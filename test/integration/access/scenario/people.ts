import { made } from "../objects.ts";
import type { Step } from "../step.ts";

const STAGING = "/api/v1/namespaces/staging";
const PROD = "/api/v1/namespaces/prod";
const SHOP = "/api/v1/namespaces/shop";

/** People, who have their rights by groups. */
export const PEOPLE_AT_WORK: readonly Step[] = [
  ["dana", `GET ${STAGING}/pods`, 200, "her namespace"],
  ["dana", `GET ${STAGING}/pods/placed/log`, 500, "a log without a kubelet"],
  ["dana", `SOCKET ${STAGING}/pods/placed/exec?command=id`, 500, "a shell over a socket"],
  ["dana", `POST ${STAGING}/pods/placed/portforward?ports=80`, 500, "a port"],
  ["dana", `GET ${STAGING}/pods/web-0/attach`, 400, "attach to a pod that is nowhere"],
  [
    "dana",
    `PATCH /apis/apps/v1/namespaces/staging/deployments/web/scale`,
    200,
    "more",
    {
      body: { spec: { replicas: 0 } },
    },
  ],
  ["dana", `GET ${PROD}/pods/web-0`, 200, "production, read"],
  ["dana", `GET ${PROD}/pods/placed/log`, 500, "production, a log"],
  ["dana", `SOCKET ${PROD}/pods/web-0/exec?command=id`, 403, "production, a shell"],
  ["dana", `POST ${PROD}/pods/web-0/exec?command=id`, 403, "production, a shell"],
  ["dana", `GET ${PROD}/secrets/db`, 403, "production, a secret"],
  ["erin", `GET ${STAGING}/configmaps/app-config`, 200, "another member of the group"],
  ["erin", `POST ${PROD}/pods/placed/exec?command=id`, 500, "a shell in production, on call"],
  ["erin", `GET ${PROD}/pods?limit=1`, 200, "what both her groups may"],
  ["erin", `GET ${SHOP}/pods`, 403, "not on call there"],
  ["olga", "GET /api/v1/nodes", 200, "nodes"],
  ["olga", "PATCH /api/v1/nodes/node-1", 200, "cordoned", { body: { spec: { unschedulable: true } } }],
  ["olga", "GET /api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1", 200, "what runs there"],
  [
    "olga",
    `POST ${PROD}/pods/web-2/eviction`,
    201,
    "moved away",
    {
      body: made("policy/v1", "Eviction", "prod/web-2"),
    },
  ],
  ["olga", "GET /api/v1/nodes/node-1/proxy/stats", 500, "a kubelet that is not"],
  ["olga", `DELETE ${PROD}/pods/web-1`, 403, "by hand"],
  ["solo", `GET ${STAGING}/configmaps`, 200, "bound by name"],
  ["solo", `GET ${PROD}/configmaps`, 403, "elsewhere"],
  ["odd", `GET ${SHOP}/configmaps`, 200, "a group with a name like that"],
  ["odd", `GET ${SHOP}/configmaps/${encodeURIComponent('"><b>*<p>\n# é')}`, 404, "a name that no object can have"],
  ["odd", `GET ${SHOP}/secrets`, 403, "and refused"],
  ["root", `GET ${PROD}/secrets/token`, 200, "break-glass"],
  ["root", `DELETE /api/v1/namespaces/doomed`, 200, "break-glass"],
  ["anonymous", "GET /livez", 200, "what even nobody may"],
  ["anonymous", "GET /version", 200, "what even nobody may"],
  ["anonymous", `GET ${PROD}/secrets`, 403, "what nobody may"],
  ["anonymous", "GET /metrics", 403, "what nobody may"],
  ["stranger", `GET ${PROD}/pods`, 401, "a token of nobody"],
  ["stranger", "GET /version", 401, "a token of nobody"],
];

const auditor = { user: "frank", groups: ["auditors"] };

/** Who acts as another. */
export const IMPERSONATION: readonly Step[] = [
  ["proxy", "GET /api/v1/secrets?limit=1", 200, "as an auditor", { as: auditor }],
  ["proxy", "GET /apis/rbac.authorization.k8s.io/v1/clusterroles?limit=1", 200, "as an auditor", { as: auditor }],
  ["proxy", `DELETE ${PROD}/pods/web-0`, 403, "as an auditor, who may not", { as: auditor }],
  ["proxy", `GET ${PROD}/pods`, 200, "with a uid", { as: { ...auditor, uid: "frank-1" } }],
  ["proxy", `GET ${PROD}/services`, 200, "with an extra", { as: { ...auditor, extra: { reason: "ticket 7" } } }],
  ["proxy", `GET ${PROD}/services/web`, 200, "with another", { as: { ...auditor, extra: { scopes: "read" } } }],
  ["proxy", `GET ${PROD}/services`, 403, "with one it may not", { as: { ...auditor, extra: { other: "x" } } }],
  ["proxy", `GET ${STAGING}/pods`, 200, "as a developer", { as: { user: "dana", groups: ["developers"] } }],
  [
    "proxy",
    `GET ${PROD}/configmaps/app-config`,
    200,
    "as an account",
    { as: { user: "system:serviceaccount:prod:web" } },
  ],
  ["proxy", `GET ${PROD}/pods`, 403, "as another account", { as: { user: "system:serviceaccount:prod:legacy" } }],
  ["proxy", `GET ${PROD}/pods`, 403, "as somebody it may not", { as: { user: "root" } }],
  ["proxy", `GET ${PROD}/pods`, 403, "in a group it may not", { as: { user: "frank", groups: ["system:masters"] } }],
  ["proxy", `GET ${PROD}/pods`, 403, "as somebody without rights", { as: { user: "nobody-known" } }],
  ["proxy", `GET ${PROD}/pods`, 403, "as itself"],
  ["narrow-proxy", `GET ${PROD}/pods`, 200, "constrained", { as: auditor }],
  ["narrow-proxy", `GET ${PROD}/services`, 403, "constrained to something else", { as: auditor }],
  ["web", `GET ${PROD}/pods`, 403, "somebody who may not at all", { as: auditor }],
];
