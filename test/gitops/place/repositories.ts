import type { NetworkPolicy } from "../../../src/model/manifest.ts";
import type { ProposedFile } from "../../../src/model/placement.ts";
import type { RbacManifest } from "../../../src/model/rbac.ts";
import type { FileChange, Repository } from "../../../src/model/repository.ts";
import { repositoryOf } from "../../support/repository.ts";

export function textsOf(repository: Repository): Record<string, string> {
  return Object.fromEntries([...repository.files.values()].map(({ path, text }) => [path, text ?? ""]));
}

/** The repository after a change. */
export function changed(repository: Repository, changes: readonly FileChange[]): Repository {
  const texts = textsOf(repository);
  for (const change of changes) {
    if (change.kind === "delete") delete texts[change.path];
    else texts[change.path] = change.text;
  }
  return repositoryOf(texts);
}

const labels = { "app.kubernetes.io/managed-by": "netlearn" };

/** Cart is called by the shop's front. */
export const CART: NetworkPolicy = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "netlearn-cart", namespace: "shop", labels },
  spec: {
    podSelector: { matchLabels: { app: "cart" } },
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [
          {
            podSelector: { matchLabels: { app: "front" } },
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "web" } },
          },
        ],
        ports: [{ protocol: "TCP", port: 8080 }],
      },
    ],
  },
};

const RBAC: readonly RbacManifest[] = [
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "netlearn-deployer", namespace: "shop", labels },
    rules: [{ apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"] }],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "netlearn-deployer", namespace: "shop", labels },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "netlearn-deployer" },
    subjects: [{ kind: "ServiceAccount", name: "deployer", namespace: "ci" }],
  },
];

export const FILES: readonly ProposedFile[] = [
  { name: "netlearn-cart.yaml", manifests: [CART], workload: undefined },
  { name: "netlearn-rbac-deployer.yaml", manifests: RBAC, workload: undefined },
];

export const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: old\n  namespace: shop\ndata:\n  a: b\n";

/** Kustomizations as people write them: `app/kustomization.yaml`, and what stands beside it. */
export const LAYOUTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "comments everywhere": {
    "app/kustomization.yaml":
      "# what the shop is\nresources:   # in this order\n  # first\n  - old.yaml   # keep\n  # - gone.yaml\n\n# the end\n",
  },
  "a list that is not indented": {
    "app/kustomization.yaml": "kind: Kustomization\nresources:\n- old.yaml\nnamespace: shop\n",
  },
  "flow style": { "app/kustomization.yaml": "resources: [ old.yaml ] # short\n" },
  "flow style over lines": { "app/kustomization.yaml": "resources: [\n  old.yaml, # one\n]\nnamespace: shop\n" },
  "an empty flow list": { "app/kustomization.yaml": "resources: []\nnamePrefix: x-\n" },
  CRLF: { "app/kustomization.yaml": "resources:\r\n  - old.yaml\r\nnamespace: shop\r\n" },
  "no newline at the end": { "app/kustomization.yaml": "namespace: shop\nresources:\n    - old.yaml" },
  "missing resources": { "app/kustomization.yaml": "namespace: shop\n# nothing yet\n" },
  "only a kind": {
    "app/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
  },
  "resources of nothing": { "app/kustomization.yaml": "resources:\n# none\nnamespace: shop\n" },
  "resources of null": { "app/kustomization.yaml": "resources: ~\nnamespace: shop\n" },
  "tabs in values": {
    "app/kustomization.yaml": 'commonAnnotations:\n  note: "a\tb"\nresources:\n- old.yaml\t# tab\n',
  },
  "a block scalar in the list": { "app/kustomization.yaml": "resources:\n- >-\n  old.yaml\nnamespace: shop\n" },
  "an anchor elsewhere": {
    "app/kustomization.yaml": "namespace: &ns shop\nresources: \n  - old.yaml\ncommonAnnotations: {space: *ns}\n",
  },
  "a byte order mark": { "app/kustomization.yaml": "\uFEFFresources:\n- old.yaml\n" },
  "names with a prefix": { "app/kustomization.yaml": "namePrefix: prod-\nnameSuffix: -v1\nresources:\n- old.yaml\n" },
  "labels in selectors": { "app/kustomization.yaml": "commonLabels:\n  env: prod\nresources:\n- old.yaml\n" },
  "labels in selectors, the new way": {
    "app/kustomization.yaml":
      "labels:\n- pairs: {env: prod}\n  includeSelectors: true\n- pairs:\n    tier: x\nresources:\n- old.yaml\n",
  },
  "labels by a component": {
    "app/kustomization.yaml": "resources:\n- old.yaml\ncomponents:\n- ../common\n",
    "common/kustomization.yaml":
      "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonLabels:\n  team: a\n",
  },
  "an ancestor that labels and renames": {
    "app/kustomization.yaml": "resources:\n- old.yaml\n",
    "all/kustomization.yaml": "namePrefix: p-\ncommonLabels: {env: prod}\nresources:\n- ../app\n",
  },
  generators: {
    "app/kustomization.yaml": "resources:\n- old.yaml\nconfigMapGenerator:\n- name: made\n  literals: [a=b]\n",
  },
};

export function layout(name: string): Repository {
  return repositoryOf({ "app/old.yaml": CONFIG_MAP, ...LAYOUTS[name] });
}

/** A policy for a workload of namespace shop. */
export function proposedFile(name: string, annotation = "seen"): ProposedFile {
  const metadata = { name: `netlearn-${name}`, namespace: "shop", labels, annotations: { "netlearn/why": annotation } };
  const peer = { podSelector: { matchLabels: { app: "web" } } };
  const spec = {
    podSelector: { matchLabels: { app: name } },
    policyTypes: ["Ingress", "Egress"] as const,
    ingress: [{ from: [peer], ports: [{ protocol: "TCP", port: 8080 }] }],
  };
  const manifest = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec } as const;
  return { name: `netlearn-${name}.yaml`, manifests: [manifest], workload: { kind: "Deployment", name } };
}
