import fc from "fast-check";
import { indexRepository } from "../../../src/gitops/layout/index-repository.ts";
import {
  type Plan,
  type PlanInput,
  type PlannedUnit,
  planUnits,
  type WantedFile,
} from "../../../src/gitops/plan/plan.ts";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../../src/model/manifest.ts";
import type { Mapping, ProposedManifest } from "../../../src/model/placement.ts";
import type { PolicyRule, RbacManifest } from "../../../src/model/rbac.ts";
import type { Repository } from "../../../src/model/repository.ts";
import { repositoryOf } from "../../support/repository.ts";

const LABELS = { "app.kubernetes.io/managed-by": "netlearn" };
const NAMESPACES = ["pay", "shop", "web"] as const;
export const WORKLOADS = ["a", "b", "c"] as const;

/** A place for a namespace in {@link REPOSITORY}; those of some namespaces are the same. */
const PLACES: readonly Omit<Mapping, "namespace">[] = [
  { path: "plain/one" },
  { path: "plain/two" },
  { path: "kustomize/one" },
  { path: "kustomize/two" },
  { path: "charts/app", layout: "helm", values: "charts/app/values.yaml" },
  { path: "charts/app", layout: "helm", values: "env/prod.yaml" },
  { path: "modules/one", layout: "terraform" },
  { path: "modules/two", layout: "terraform" },
];

const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: old\ndata:\n  a: b\n";

/** All layouts, as people keep them. */
export const REPOSITORY = repositoryOf({
  "README.md": "# Fleet\n",
  "plain/one/config.yaml": CONFIG_MAP,
  "plain/two/config.yaml": CONFIG_MAP,
  "kustomize/one/config.yaml": CONFIG_MAP,
  "kustomize/one/kustomization.yaml": "# mine\nresources:\n  - config.yaml # keep\n",
  "kustomize/two/kustomization.yaml": "commonLabels: {env: prod}\nnamePrefix: p-\n",
  "charts/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
  "charts/app/values.yaml": "# values\nlevel: debug\n",
  "env/prod.yaml": "level: warn\n",
  "modules/one/main.tf": 'resource "x" "y" {}\n',
  "modules/two/main.tf": 'resource "x" "z" {}\n',
});

const peer = fc.constantFrom<NetworkPolicyPeer>(
  { podSelector: { matchLabels: { app: "a" } } },
  { podSelector: { matchLabels: { app: "b" } } },
  { podSelector: {} },
  { ipBlock: { cidr: "203.0.113.0/24" } },
);
const port = fc.constantFrom<NetworkPolicyPort>(
  { protocol: "TCP", port: 80 },
  { protocol: "TCP", port: 443 },
  { protocol: "UDP", port: 80 },
);
const some = { minLength: 1, maxLength: 2 };
const ingress = fc.array(fc.record({ from: fc.uniqueArray(peer, some), ports: fc.uniqueArray(port, some) }), some);
const egress = fc.array(fc.record({ to: fc.uniqueArray(peer, some), ports: fc.uniqueArray(port, some) }), some);

/** What is wanted for one workload. */
const spec = fc.record({
  types: fc.constantFrom<readonly ("Ingress" | "Egress")[]>(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
  ingress,
  egress,
  version: fc.constantFrom("1", "1", "2"),
});

function policyFile(
  namespace: string,
  name: string,
  said: typeof spec extends fc.Arbitrary<infer T> ? T : never,
): WantedFile {
  const { types, version, ...rules } = said;
  const manifest: NetworkPolicy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: `netlearn-${name}`, namespace, labels: LABELS },
    spec: {
      podSelector: { matchLabels: version === "1" ? { app: name } : { app: name, version } },
      policyTypes: types,
      ...(types.includes("Ingress") ? { ingress: rules.ingress } : {}),
      ...(types.includes("Egress") ? { egress: rules.egress } : {}),
    },
  };
  const file = { name: `netlearn-${name}.yaml`, manifests: [manifest], workload: { kind: "Deployment", name } };
  return { namespace, file, isEnforcement: false };
}

/** Denies what no policy lets through. */
export function denyFile(namespace: string): WantedFile {
  const manifest: NetworkPolicy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "netlearn-default-deny", namespace, labels: LABELS },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  };
  const file = { name: "netlearn-default-deny.yaml", manifests: [manifest], workload: undefined };
  return { namespace, file, isEnforcement: true };
}

function roleFile(namespace: string, name: string, rules: readonly PolicyRule[]): WantedFile {
  const metadata = { name: `netlearn-${name}`, namespace, labels: LABELS };
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const apiGroup = "rbac.authorization.k8s.io";
  const manifests: readonly RbacManifest[] = [
    { apiVersion, kind: "Role", metadata, rules },
    {
      apiVersion,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup, kind: "Role", name: metadata.name },
      subjects: [{ kind: "ServiceAccount", name, namespace: "ci" }],
    },
  ];
  const file = { name: `netlearn-rbac-ci_${name}.yaml`, manifests, workload: undefined };
  return { namespace, file, isEnforcement: false };
}

const rule = fc.record({
  apiGroups: fc.constant([""]),
  resources: fc.subarray(["pods", "secrets", "configmaps"], { minLength: 1 }),
  verbs: fc.subarray(["get", "list"], { minLength: 1 }),
});

/** What is wanted of one namespace. */
const wantedOf = (namespace: string): fc.Arbitrary<readonly WantedFile[]> =>
  fc
    .record({
      policies: fc.uniqueArray(fc.record({ name: fc.constantFrom(...WORKLOADS), said: spec }), {
        selector: ({ name }) => name,
        maxLength: 3,
      }),
      roles: fc.uniqueArray(fc.record({ name: fc.constantFrom("x", "y"), rules: fc.array(rule, some) }), {
        selector: ({ name }) => name,
        maxLength: 2,
      }),
      isDenied: fc.boolean(),
    })
    .map(({ policies, roles, isDenied }) => [
      ...policies.map(({ name, said }) => policyFile(namespace, name, said)),
      ...roles.map(({ name, rules }) => roleFile(namespace, name, rules)),
      ...(isDenied ? [denyFile(namespace)] : []),
    ]);

/** What is wanted at some time, in some order. */
export const wantedFiles: fc.Arbitrary<readonly WantedFile[]> = fc
  .tuple(...NAMESPACES.map((namespace) => fc.oneof(wantedOf(namespace), fc.constant([]))))
  .chain((files) => {
    const all = files.flat();
    return fc.shuffledSubarray(all, { minLength: all.length });
  });

/** Where each namespace goes: several may go to one place. */
export const mappings: fc.Arbitrary<readonly Mapping[]> = fc
  .tuple(...NAMESPACES.map(() => fc.constantFrom(...PLACES)))
  .map((places) => places.map((place, index) => ({ ...place, namespace: NAMESPACES[index] })));

export interface World {
  readonly mappings: readonly Mapping[];
  readonly repository: Repository;
  readonly wanted: readonly WantedFile[];
  readonly isGone?: (manifest: ProposedManifest) => boolean;
}

export function inputOf({ mappings: mapped, repository, wanted, isGone = () => false }: World): PlanInput {
  return {
    index: indexRepository(repository),
    mappings: mapped,
    base: "main",
    cluster: "prod",
    wanted,
    isGone,
  };
}

export function planOf(world: World): Plan {
  return planUnits(inputOf(world));
}

/** What is due: of each namespace the first stage. */
export function dueOf({ units }: Plan): readonly PlannedUnit[] {
  const seen = new Set<string>();
  return units.filter(({ unit: { namespace }, changes }) => {
    if (changes.length === 0 || seen.has(namespace)) return false;
    seen.add(namespace);
    return true;
  });
}
