import type { ProposedManifest } from "../../model/placement.ts";
import { isFields } from "../fields.ts";

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const texts = listOf(text);
const labels: Check = (value) => isFields(value) && Object.values(value).every(text);
const number: Check = (value) => typeof value === "number";

const requirement = shape({ key: text, operator: text }, { values: texts });
const selector = shape({}, { matchLabels: labels, matchExpressions: listOf(requirement) });
const ipBlock = shape({ cidr: text }, { except: texts });
const peers = listOf(shape({}, { podSelector: selector, namespaceSelector: selector, ipBlock }));
const ports = listOf(shape({}, { protocol: text, port: (value) => text(value) || number(value), endPort: number }));
const policySpec = shape(
  {},
  {
    podSelector: selector,
    policyTypes: listOf((value) => value === "Ingress" || value === "Egress"),
    ingress: listOf(shape({}, { from: peers, ports })),
    egress: listOf(shape({}, { to: peers, ports })),
  },
);
const metadata = shape({ name: text }, { namespace: text, labels, annotations: labels });
const rule = shape(
  { verbs: texts },
  { apiGroups: texts, resources: texts, resourceNames: texts, nonResourceURLs: texts },
);
const subject = shape({ kind: text, name: text }, { apiGroup: text, namespace: text });
const role = shape({ metadata, rules: listOf(rule) });
const binding = shape({
  metadata,
  roleRef: shape({ apiGroup: text, kind: text, name: text }),
  subjects: listOf(subject),
});

const SHAPES: Readonly<Record<string, Check>> = {
  NetworkPolicy: shape({ metadata, spec: policySpec }),
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
};

/** Whether what a file of a repository says is an object of a kind that is written here, and well-formed: anybody may have edited it. */
export function isProposedManifest(value: unknown): value is ProposedManifest {
  if (!isFields(value) || typeof value["kind"] !== "string") return false;
  return Object.hasOwn(SHAPES, value["kind"]) && SHAPES[value["kind"]]?.(value) === true;
}

function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

/** Other fields may hold anything. */
function shape(required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check {
  const all = Object.entries({ ...required, ...optional });
  return (value) =>
    isFields(value) &&
    all.every(([key, check]) => (Object.hasOwn(value, key) ? check(value[key]) : !Object.hasOwn(required, key)));
}
