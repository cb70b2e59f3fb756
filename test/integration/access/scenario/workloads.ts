import { deployment, made, pod } from "../objects.ts";
import type { Step } from "../step.ts";

const PROD = "/api/v1/namespaces/prod";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/prod/leases";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/prod/deployments";
const WIDGETS = "/apis/example.com/v1/namespaces/prod/widgets";
const FORCED = "?fieldManager=controller&force=true";

const lease = (name: string): object =>
  made("coordination.k8s.io/v1", "Lease", `prod/${name}`, { spec: { holderIdentity: "me" } });
const config = (name: string, fields: object = {}): object => made("v1", "ConfigMap", `prod/${name}`, fields);
const widget = (name: string): object => made("example.com/v1", "Widget", `prod/${name}`, { spec: { replicas: 1 } });
const owned = (name: string, blocks: boolean): object => {
  const owner = { apiVersion: "example.com/v1", kind: "Widget", name: "round", uid: "not-looked-at" };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "prod", ownerReferences: [{ ...owner, blockOwnerDeletion: blocks }] },
  };
};
const event = { involvedObject: { kind: "Pod", namespace: "prod" }, reason: "Seen", type: "Normal" };

/** A workload that reads what it was given by name. */
export const WEB: readonly Step[] = [
  ["web", `GET ${PROD}/configmaps/app-config`, 200, "a named get"],
  ["web", `GET ${PROD}/configmaps/app-config`, 200, "and again"],
  ["web", `GET ${PROD}/secrets/db`, 200, "a secret by name"],
  ["web", `GET ${PROD}/secrets/cache`, 404, "an allowed name that is not there"],
  ["web", `GET ${PROD}/secrets/token`, 403, "another name"],
  ["web", `GET ${PROD}/configmaps?fieldSelector=metadata.name%3Dapp-config`, 200, "a list of one name"],
  ["web", `GET ${PROD}/configmaps?fieldSelector=metadata.name%3Dother`, 403, "a list of another name"],
  ["web", `GET ${PROD}/configmaps?fieldSelector=metadata.name!%3Dapp-config`, 403, "a list of all but a name"],
  ["web", `WATCH ${PROD}/configmaps?fieldSelector=metadata.name%3Dapp-config`, 200, "a watch of one name"],
  ["web", `GET ${PROD}/configmaps`, 403, "a plain list"],
  ["web", `WATCH ${PROD}/configmaps`, 403, "a plain watch"],
  ["web", `GET ${PROD}/secrets`, 403, "a probe for secrets"],
  ["web", `GET /api/v1/secrets`, 403, "a probe for secrets of all namespaces"],
  ["web", `GET ${PROD}/pods?limit=500`, 200, "a list"],
  ["web", `GET ${PROD}/pods?labelSelector=app%3Dweb&limit=1`, 200, "a list by label"],
  ["web", `WATCH ${PROD}/pods`, 200, "a watch"],
  ["web", `GET /api/v1/watch/namespaces/prod/pods?timeoutSeconds=1`, 200, "a watch by its old path"],
  ["web", `HEAD ${PROD}/pods/web-0`, 405, "HEAD, which is get to the authorizer"],
  ["web", `GET ${PROD}/pods`, 200, "an id of the client's choice", { auditId: "mine" }],
  ["web", `GET ${PROD}/services/web`, 200, "the same id for another request", { auditId: "mine" }],
  ["web", `GET ${PROD}/secrets/token`, 403, "the same id for a probe", { auditId: "mine" }],
  ["web", `GET ${PROD}`, 200, "its namespace, through a Role"],
  ["web", "GET /api/v1/namespaces/staging", 403, "another namespace"],
  ["web", "GET /api/v1/namespaces", 403, "all namespaces"],
  ["web", "GET /version?timeout=32s", 200, "what everybody may"],
  ["web", "GET /apis?timeout=32s", 200, "discovery"],
  ["web", "GET /openapi/v3", 200, "discovery"],
  ["web", "GET /metrics?x=1", 403, "a path with a query"],
  ["web", `GET ${LEASES}/leader`, 404, "leader election looks"],
  ["web", `POST ${LEASES}`, 201, "and takes", { body: lease("leader") }],
  ["web", `POST ${LEASES}`, 409, "and is too late", { body: lease("leader") }],
  ["web", `PUT ${LEASES}/leader`, 422, "and renews without a version", { body: lease("leader") }],
  ["web", `POST ${PROD}/configmaps`, 403, "a create by name", { body: config("app-config") }],
  ["web", `DELETE ${PROD}/configmaps/app-config`, 403, "a delete"],
  ["web", `GET ${PROD}/pods/web-0/log`, 403, "pods are not their logs"],
  ["web", `POST ${PROD}/pods/web-0/exec?command=id`, 403, "a probe for a shell"],
  ["web", `SOCKET ${PROD}/pods/web-0/exec?command=id`, 403, "a probe for a shell over a socket"],
  ["web", `GET ${PROD}/configmaps/${encodeURIComponent('"><b>*<p>')}`, 403, "a name of no object"],
  ["web", `GET ${PROD}/configmaps/app-config%2Fsecret`, 403, "a slash that is written otherwise"],
  ["web", `GET /api/v1/namespaces/prod%2Fconfigmaps/app-config`, 200, "another one"],
  ["default", `GET ${PROD}/pods`, 403, "the default account"],
  ["default", "GET /api", 200, "the default account looks around"],
];

/** A controller: it makes, applies, scales and cleans up. */
export const CONTROLLER: readonly Step[] = [
  ["controller", `GET ${LEASES}/controller`, 404, "leader election looks"],
  ["controller", `POST ${LEASES}`, 201, "and takes", { body: lease("controller") }],
  ["controller", `PUT ${LEASES}/put`, 201, "an update that creates", { body: lease("put") }],
  ["controller", `PUT ${PROD}/configmaps/other`, 200, "and one that updates", { body: config("other") }],
  [
    "controller",
    `APPLY ${PROD}/configmaps/applied${FORCED}`,
    201,
    "an apply that creates",
    { body: config("applied") },
  ],
  ["controller", `APPLY ${PROD}/configmaps/applied${FORCED}`, 200, "one that updates", { body: config("applied") }],
  ["controller", `POST ${PROD}/configmaps?dryRun=All`, 201, "a dry run", { body: config("dry") }],
  ["controller", `POST ${PROD}/configmaps`, 422, "a name it can't have", { body: config("No Name") }],
  ["controller", `POST ${PROD}/configmaps`, 409, "one that is there", { body: config("app-config") }],
  ["controller", `POST ${PROD}/configmaps`, 201, "an owned object", { body: owned("owned", false) }],
  ["controller", `POST ${PROD}/configmaps`, 201, "one that blocks its owner", { body: owned("blocking", true) }],
  ["controller", `PATCH ${PROD}/configmaps/owned`, 200, "an owner taken", { body: owned("owned", true) }],
  ["controller", `PATCH ${PROD}/configmaps/gone`, 404, "a patch of nothing", { body: { data: { key: "x" } } }],
  ["controller", `DELETE ${PROD}/configmaps/owned`, 200, "a delete"],
  ["controller", `DELETE ${PROD}/configmaps/owned`, 404, "and again"],
  ["controller", `DELETE ${PROD}/configmaps?fieldSelector=metadata.name%3Dblocking`, 200, "a collection of one name"],
  ["controller", `POST ${WIDGETS}`, 201, "a custom resource", { body: widget("round") }],
  ["controller", `PATCH ${WIDGETS}/round/status`, 200, "its status", { body: { status: { replicas: 1 } } }],
  ["controller", `PATCH ${WIDGETS}/round/scale`, 200, "its scale", { body: { spec: { replicas: 2 } } }],
  ["controller", `GET ${WIDGETS}/round/scale`, 200, "its scale, read"],
  ["controller", `GET ${WIDGETS}`, 200, "all of them"],
  ["controller", `WATCH ${WIDGETS}`, 200, "all of them, watched"],
  ["controller", "GET /apis/example.com/v1/widgets", 403, "those of all namespaces"],
  ["controller", "GET /apis/example.com/v1/planets/one", 403, "its cluster-scoped sister"],
  ["controller", `POST ${DEPLOYMENTS}`, 201, "a Deployment", { body: deployment("prod/made") }],
  ["controller", `PATCH ${DEPLOYMENTS}/made/scale`, 200, "scaled", { body: { spec: { replicas: 1 } } }],
  ["controller", `PATCH ${DEPLOYMENTS}/made/status`, 200, "its status", { body: { status: { replicas: 0 } } }],
  ["controller", `DELETE ${DEPLOYMENTS}/made`, 200, "and gone"],
  ["controller", `POST ${PROD}/events`, 201, "an event", { body: { ...made("v1", "Event", "prod/seen"), ...event } }],
  ["controller", `PATCH ${PROD}/events/seen`, 200, "an event again", { body: { count: 2 } }],
  ["controller", `POST ${PROD}/pods`, 201, "a pod", { body: pod("prod/job-x7k2p") }],
  ["controller", `GET ${PROD}/pods/job-x7k2p/status`, 200, "how it does"],
  [
    "controller",
    `POST ${PROD}/pods/job-x7k2p/eviction`,
    201,
    "moved away",
    {
      body: made("policy/v1", "Eviction", "prod/job-x7k2p"),
    },
  ],
  ["controller", `GET ${PROD}/pods/placed/log?follow=true`, 500, "a log without a kubelet"],
  ["controller", `POST ${PROD}/pods/placed/exec?command=id`, 500, "a shell by POST"],
  ["controller", "GET /api/v1/nodes", 200, "the nodes, through another binding"],
  ["controller", "GET /api/v1/nodes/node-1", 200, "a node"],
  ["controller", "GET /apis/metrics.example.com/v1/namespaces/prod/samples/cpu", 503, "a service nobody answers for"],
  ["controller", "GET /apis/metrics.example.com/v1/namespaces/staging/samples/cpu", 403, "the same elsewhere"],
  ["controller", "GET /api/v1/namespaces/staging/configmaps/app-config", 403, "another namespace"],
  ["controller", `PATCH ${PROD}/serviceaccounts/web`, 403, "what it has no business with", { body: {} }],
  ["controller", "GET /metrics", 200, "a path"],
  ["controller", "GET /logs/kube.log", 404, "a path below another"],
  ["controller", "GET /debug/pprof", 403, "another path"],
];

/** Somebody who may do everything and does three things. */
export const LEGACY: readonly Step[] = [
  ["legacy", `GET ${PROD}/configmaps/other`, 200, "a config"],
  ["legacy", `PATCH ${PROD}/configmaps/other`, 200, "a config, changed", { body: { data: { key: "other" } } }],
  ["legacy", "GET /api/v1/nodes?limit=1", 200, "the nodes"],
];
