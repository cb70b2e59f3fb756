import { shortHash } from "../../src/lib/safe-name.ts";
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../../src/model/manifest.ts";
import type { ProposedManifest } from "../../src/model/placement.ts";
import type { PolicyRule, RbacMetadata, RbacSubject } from "../../src/model/rbac.ts";
import { type Hcl, type HclValue, printHcl } from "./hcl.ts";

/** Resources of hashicorp/kubernetes; those without `_v1` are deprecated since 3.0 (its CHANGELOG). */
const RESOURCES = {
  NetworkPolicy: "kubernetes_network_policy_v1",
  Role: "kubernetes_role_v1",
  ClusterRole: "kubernetes_cluster_role_v1",
  RoleBinding: "kubernetes_role_binding_v1",
  ClusterRoleBinding: "kubernetes_cluster_role_binding_v1",
} as const satisfies Record<ProposedManifest["kind"], string>;

/**
 * Writes manifests as resources of the Kubernetes provider, in the order given, a blank line between them: what `terraform fmt`
 * leaves as it is. A direction without rules has no block, since an empty `egress {}` lets everything through; `policy_types`
 * says that it is closed. Ask `terraformObstacle` first: what it names is not what Terraform would make of the text.
 */
export function terraformText(manifests: readonly ProposedManifest[]): string {
  return printHcl(manifests.map(resource));
}

/** Why Terraform would not make this object of what is printed, one sentence's end; undefined: it would. */
export function terraformObstacle(manifest: ProposedManifest): string | undefined {
  const text = JSON.stringify(manifest);
  if (text !== text.normalize("NFC")) return "has a name that Terraform changes (Unicode that is not in normal form C)";
  if (/\\ud[89a-f]/u.test(text)) return "has a name that is no text (half of a surrogate pair)";
  if ("rules" in manifest && manifest.rules.length === 0) return "has no rules, and the provider wants one";
  if ("subjects" in manifest && manifest.subjects.length === 0) return "has no subjects, and the provider wants one";
  return undefined;
}

function resource(manifest: ProposedManifest): Hcl {
  const labels = [RESOURCES[manifest.kind], resourceName(manifest.metadata)];
  return { kind: "block", type: "resource", labels, body: [metadata(manifest.metadata), ...content(manifest)] };
}

/**
 * `netlearn_NAMESPACE_NAME`; what is no identifier, or long, is cut to one and ends in a hash of both. No two objects of a kind
 * fall together: plain names have no `_`, so that the number of them tells the forms apart.
 */
function resourceName({ namespace = "", name }: RbacMetadata): string {
  const parts = namespace === "" ? [name] : [namespace, name];
  if (parts.every((part) => /^[a-z0-9-]{1,100}$/u.test(part))) return ["netlearn", ...parts].join("_");
  const plain = [namespace, name].map((part) => part.replaceAll(/[^A-Za-z0-9]+/gu, "-").slice(0, 40));
  return ["netlearn", ...plain, shortHash(JSON.stringify([namespace, name]))].join("_");
}

function metadata({ name, namespace, labels, annotations }: RbacMetadata): Hcl {
  return block("metadata", [
    argument("name", name),
    ...optional("namespace", namespace),
    ...nonEmptyMap("labels", labels),
    ...nonEmptyMap("annotations", annotations),
  ]);
}

function content(manifest: ProposedManifest): Hcl[] {
  switch (manifest.kind) {
    case "NetworkPolicy":
      return [policySpec(manifest.spec)];
    case "Role":
    case "ClusterRole":
      return manifest.rules.map(policyRule);
    case "RoleBinding":
    case "ClusterRoleBinding": {
      const { apiGroup, kind, name } = manifest.roleRef;
      const roleRef = [argument("api_group", apiGroup), argument("kind", kind), argument("name", name)];
      return [block("role_ref", roleRef), ...manifest.subjects.map(subject)];
    }
  }
}

function policySpec(spec: NetworkPolicySpec): Hcl {
  return block("spec", [
    argument("policy_types", spec.policyTypes ?? policyTypes(spec)),
    selector("pod_selector", spec.podSelector ?? {}),
    ...(spec.ingress ?? []).map(({ from, ports }) => rule("ingress", "from", { peers: from, ports })),
    ...(spec.egress ?? []).map(({ to, ports }) => rule("egress", "to", { peers: to, ports })),
  ]);
}

/** The provider requires what the API server fills in (networking.k8s.io/v1, NetworkPolicySpec.policyTypes). */
function policyTypes({ egress = [] }: NetworkPolicySpec): NonNullable<NetworkPolicy["spec"]["policyTypes"]> {
  return egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

interface RuleParts {
  readonly peers: readonly NetworkPolicyPeer[] | undefined;
  readonly ports: readonly NetworkPolicyPort[] | undefined;
}

function rule(type: string, peerType: string, { peers = [], ports = [] }: RuleParts): Hcl {
  return block(type, [...peers.map((one) => peer(peerType, one)), ...ports.map(port)]);
}

function peer(type: string, { namespaceSelector, podSelector, ipBlock }: NetworkPolicyPeer): Hcl {
  return block(type, [
    ...(namespaceSelector === undefined ? [] : [selector("namespace_selector", namespaceSelector)]),
    ...(podSelector === undefined ? [] : [selector("pod_selector", podSelector)]),
    ...(ipBlock === undefined
      ? []
      : [block("ip_block", [argument("cidr", ipBlock.cidr), ...optional("except", ipBlock.except)])]),
  ]);
}

function port({ protocol, port: number, endPort }: NetworkPolicyPort): Hcl {
  return block("ports", [
    ...optional("protocol", protocol),
    ...optional("port", number === undefined ? undefined : String(number)),
    ...optional("end_port", endPort),
  ]);
}

function selector(type: string, { matchLabels, matchExpressions = [] }: LabelSelector): Hcl {
  return block(type, [
    ...nonEmptyMap("match_labels", matchLabels),
    ...matchExpressions.map(({ key, operator, values }) =>
      block("match_expressions", [argument("key", key), argument("operator", operator), ...optional("values", values)]),
    ),
  ]);
}

function policyRule({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): Hcl {
  return block("rule", [
    ...optional("api_groups", apiGroups),
    ...optional("resources", resources),
    ...optional("resource_names", resourceNames),
    ...optional("non_resource_urls", nonResourceURLs),
    argument("verbs", verbs),
  ]);
}

function subject({ kind, apiGroup, name, namespace }: RbacSubject): Hcl {
  return block("subject", [
    argument("kind", kind),
    ...optional("api_group", apiGroup),
    argument("name", name),
    ...optional("namespace", namespace),
  ]);
}

function block(type: string, body: readonly Hcl[]): Hcl {
  return { kind: "block", type, body };
}

function argument(name: string, value: HclValue): Hcl {
  return { kind: "argument", name, value };
}

function optional(name: string, value: HclValue | undefined): Hcl[] {
  return value === undefined ? [] : [argument(name, value)];
}

function nonEmptyMap(name: string, map: Readonly<Record<string, string>> | undefined): Hcl[] {
  return map === undefined || Object.keys(map).length === 0 ? [] : [argument(name, map)];
}
