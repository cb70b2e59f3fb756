import type { Carried, Step } from "../step.ts";
import { ACCOUNTS, ODD_USER, PEOPLE } from "../world.ts";
import { EDGES } from "./edges.ts";
import { IMPERSONATION, PEOPLE_AT_WORK } from "./people.ts";
import { DEPLOYER, MONITORING, SERVICES } from "./platform.ts";
import { CERTIFICATES, RIGHTS } from "./rights.ts";
import { CONTROLLER, LEGACY, WEB } from "./workloads.ts";

/** What nobody may. */
const PROBES: readonly (readonly [request: string, what: string, carried?: Carried])[] = [
  ["DELETE /api/v1/nodes/node-1", "a node away"],
  ["POST /api/v1/namespaces/kube-system/pods/any/exec?command=id", "a shell"],
  ["SOCKET /api/v1/namespaces/kube-system/pods/any/exec?command=id", "a shell over a socket"],
  ["POST /api/v1/namespaces/kube-system/serviceaccounts/default/token", "a token", { body: {} }],
  ["PATCH /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/any", "a webhook", { body: {} }],
  ["GET /debug/pprof/heap?debug=1", "the server's memory"],
  ["GET /api/v1/namespaces", "as the highest", { as: { user: "any", groups: ["system:masters"] } }],
];

/** Everybody tries what nobody may, but for those who may everything, and one who is nobody. */
const PROBING = [...ACCOUNTS.map((place) => place.slice(place.indexOf("/") + 1)), ...Object.keys(PEOPLE), "anonymous"]
  .filter((who) => who !== "legacy" && who !== "root")
  .map((who) => (who === ODD_USER ? "odd" : who))
  .flatMap((who) => PROBES.map(([request, what, carried]): Step => [who, request, 403, what, carried]));

/** All that happens, in this order. */
export const SCENARIO: readonly Step[] = [
  ...WEB,
  ...CONTROLLER,
  ...LEGACY,
  ...DEPLOYER,
  ...MONITORING,
  ...SERVICES,
  ...PEOPLE_AT_WORK,
  ...IMPERSONATION,
  ...RIGHTS,
  ...CERTIFICATES,
  ...EDGES,
  ...PROBING,
];
