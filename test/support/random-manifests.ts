import fc from "fast-check";
import type { LabelSelector, NetworkPolicy, NetworkPolicyPeer } from "../../src/model/manifest.ts";
import type { ProposedManifest } from "../../src/model/placement.ts";
import type { BindingManifest, RoleManifest } from "../../src/model/rbac.ts";

/** What templates, shells and readers of YAML might take for their own. */
const TREACHEROUS = fc.constantFrom(
  [
    "$",
    "${var.x}",
    "$${x}",
    "$$${x}",
    "%{ if true }",
    "%%{",
    "$%{",
    "{{ .Release.Name }}",
    "{{",
    "}}",
    '{{ fail "x" }}',
  ],
  [
    '"',
    "\\",
    '\\"',
    "\n",
    "a\n---\nb",
    "\r\n",
    "\t",
    "\u0000",
    "\u202e",
    "\u{e0041}",
    "é",
    "日本",
    "yes",
    "1e3",
    "017",
  ],
  ["", " ", "# a", "a: b", "&a", "*a", "system:serviceaccount:a:b", "__proto__", "netlearn:\n", "../..", "~", "null"],
);

const text = fc.oneof(
  TREACHEROUS.chain((texts) => fc.constantFrom(...texts)),
  fc.string({ unit: "binary", maxLength: 12 }).map((any) => any.normalize("NFC")),
  fc.string({ unit: fc.constantFrom("$", "%", "{", "}", "\\", '"', "u", "a"), maxLength: 10 }),
);
const name = fc.oneof(fc.stringMatching(/^[a-z]([a-z0-9.-]{0,8}[a-z0-9])?$/), text);
const names = fc.array(name, { minLength: 1, maxLength: 3 });
const map = fc.dictionary(
  name.filter((key) => key !== "__proto__"),
  text,
  { minKeys: 1, maxKeys: 4, noNullPrototype: true },
);
const metadata = fc.record(
  { name, namespace: name, labels: map, annotations: map },
  { requiredKeys: ["name"], noNullPrototype: true },
);

const expression = fc.oneof(
  fc.record(
    { key: name, operator: fc.constantFrom("In" as const, "NotIn" as const), values: names },
    { noNullPrototype: true },
  ),
  fc.record(
    { key: name, operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const) },
    { noNullPrototype: true },
  ),
);
const selector: fc.Arbitrary<LabelSelector> = fc.record(
  { matchLabels: map, matchExpressions: fc.array(expression, { minLength: 1, maxLength: 2 }) },
  { requiredKeys: [], noNullPrototype: true },
);
const block = fc.record(
  { cidr: fc.constantFrom("10.0.0.0/8", "fd00::/8"), except: fc.constant(["10.1.0.0/16"]) },
  { requiredKeys: ["cidr"], noNullPrototype: true },
);
const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  fc.record(
    { podSelector: selector, namespaceSelector: selector },
    { requiredKeys: ["podSelector"], noNullPrototype: true },
  ),
  fc.record({ ipBlock: block }, { noNullPrototype: true }),
);
const port = fc.record(
  {
    protocol: fc.constantFrom("TCP", "UDP", "SCTP"),
    port: fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.constant("http")),
    endPort: fc.integer({ min: 1, max: 65535 }),
  },
  { requiredKeys: ["protocol"], noNullPrototype: true },
);
const ports = fc.array(port, { minLength: 1, maxLength: 2 });
const peers = fc.array(peer, { minLength: 1, maxLength: 2 });
const few = { minLength: 1, maxLength: 2 };

const policy: fc.Arbitrary<NetworkPolicy> = fc.record(
  {
    apiVersion: fc.constant("networking.k8s.io/v1" as const),
    kind: fc.constant("NetworkPolicy" as const),
    metadata,
    spec: fc.record(
      {
        podSelector: selector,
        policyTypes: fc.subarray(["Ingress" as const, "Egress" as const], { minLength: 1 }),
        ingress: fc.array(fc.record({ from: peers, ports }, { requiredKeys: [], noNullPrototype: true }), few),
        egress: fc.array(fc.record({ to: peers, ports }, { requiredKeys: [], noNullPrototype: true }), few),
      },
      { requiredKeys: ["podSelector", "policyTypes"], noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
);

const RBAC = fc.constant("rbac.authorization.k8s.io/v1" as const);
const GROUP = fc.constant("rbac.authorization.k8s.io" as const);

const role: fc.Arbitrary<RoleManifest> = fc.record(
  {
    apiVersion: RBAC,
    kind: fc.constantFrom("Role" as const, "ClusterRole" as const),
    metadata,
    rules: fc.array(
      fc.record(
        { apiGroups: names, resources: names, resourceNames: names, nonResourceURLs: names, verbs: names },
        { requiredKeys: ["verbs"], noNullPrototype: true },
      ),
      few,
    ),
  },
  { noNullPrototype: true },
);

const subject = fc.record(
  {
    kind: fc.constantFrom("ServiceAccount" as const, "User" as const, "Group" as const),
    apiGroup: GROUP,
    name,
    namespace: name,
  },
  { requiredKeys: ["kind", "name"], noNullPrototype: true },
);

const binding: fc.Arbitrary<BindingManifest> = fc.record(
  {
    apiVersion: RBAC,
    kind: fc.constantFrom("RoleBinding" as const, "ClusterRoleBinding" as const),
    metadata,
    roleRef: fc.record(
      { apiGroup: GROUP, kind: fc.constantFrom("Role" as const, "ClusterRole" as const), name },
      { noNullPrototype: true },
    ),
    subjects: fc.array(subject, few),
  },
  { noNullPrototype: true },
);

/** Objects that netlearn might write, with names that are as hostile as a type lets them be. */
export const randomManifest: fc.Arbitrary<ProposedManifest> = fc.oneof(policy, role, binding);
