import type { AccessAttributes, ResourceAttributes } from "../../model/access.ts";
import type { AccessRisk } from "../../model/access-policy.ts";
import { resourceText } from "./attributes.ts";

/** One row of what is dangerous; absent lists match everything. */
interface RiskRow {
  readonly risk: AccessRisk;
  readonly verbs?: readonly string[];
  readonly groups?: readonly string[];
  /** With subresource; absent: any of the group. */
  readonly resources?: readonly string[];
}

const WRITES = ["create", "update", "patch", "delete", "deletecollection"];
/** What puts a pod's template there, or changes it. */
const SHAPES = ["create", "update", "patch"];

/** Gravest first; the first row that matches counts. After Kubernetes' own RBAC good practices, and rule 53. */
const RISKS: readonly RiskRow[] = [
  { risk: "change-access", groups: ["rbac.authorization.k8s.io"], verbs: [...WRITES, "bind", "escalate"] },
  { risk: "run-in-pods", groups: [""], resources: ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy"] },
  { risk: "run-in-pods", groups: [""], resources: ["services/proxy"] },
  { risk: "run-in-pods", groups: [""], resources: ["pods/ephemeralcontainers"], verbs: SHAPES },
  // Every answer but that to a create holds the object; a created one may be of the type that gets a token.
  { risk: "mint-tokens", groups: [""], resources: ["secrets"], verbs: ["create"] },
  { risk: "read-secrets", groups: [""], resources: ["secrets"] },
  { risk: "mint-tokens", groups: [""], resources: ["serviceaccounts/token"] },
  { risk: "reach-nodes", groups: [""], resources: ["nodes/proxy", "nodes/log", "nodes/exec"] },
  { risk: "change-admission", groups: ["admissionregistration.k8s.io"], verbs: WRITES },
  { risk: "change-admission", groups: ["apiregistration.k8s.io"], verbs: WRITES },
  { risk: "approve-certificates", groups: ["certificates.k8s.io"], verbs: ["approve", "sign", "attest"] },
  {
    risk: "approve-certificates",
    groups: ["certificates.k8s.io"],
    resources: ["certificatesigningrequests/approval", "certificatesigningrequests/status"],
    verbs: WRITES,
  },
  { risk: "run-workloads", groups: [""], resources: ["pods", "replicationcontrollers"], verbs: SHAPES },
  {
    risk: "run-workloads",
    groups: ["apps"],
    resources: ["daemonsets", "deployments", "replicasets", "statefulsets"],
    verbs: SHAPES,
  },
  { risk: "run-workloads", groups: ["batch"], resources: ["cronjobs", "jobs"], verbs: SHAPES },
];

/** What makes an access dangerous; undefined: nothing that is known. */
export function riskOf(attributes: AccessAttributes): AccessRisk | undefined {
  if (attributes.kind === "non-resource") return undefined;
  if (attributes.verb.startsWith("impersonate")) return "impersonate";
  return RISKS.find((row) => isMatched(row, attributes))?.risk;
}

function isMatched({ verbs, groups, resources }: RiskRow, attributes: ResourceAttributes): boolean {
  return (
    verbs?.includes(attributes.verb) !== false &&
    groups?.includes(attributes.apiGroup) !== false &&
    resources?.includes(resourceText(attributes)) !== false
  );
}
