import { type ReadBlock, readHcl } from "./read-hcl.ts";

const KINDS: Readonly<Record<string, string>> = {
  kubernetes_network_policy_v1: "NetworkPolicy",
  kubernetes_role_v1: "Role",
  kubernetes_cluster_role_v1: "ClusterRole",
  kubernetes_role_binding_v1: "RoleBinding",
  kubernetes_cluster_role_binding_v1: "ClusterRoleBinding",
};

/** What the provider would make of a text: manifests in order (its docs/resources). */
export function readManifests(text: string): unknown[] {
  return readHcl(text).map((block) => {
    const kind = KINDS[block.labels[0] ?? ""];
    if (block.type !== "resource" || kind === undefined) throw new Error(`no resource: ${block.labels.join(".")}`);
    const [metadata] = below(block, "metadata").map(object);
    if (kind === "NetworkPolicy") {
      return { apiVersion: "networking.k8s.io/v1", kind, metadata, spec: below(block, "spec").map(spec)[0] };
    }
    const head = { apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata };
    if (kind.endsWith("Role")) return { ...head, rules: below(block, "rule").map(object) };
    return { ...head, roleRef: below(block, "role_ref").map(object)[0], subjects: below(block, "subject").map(object) };
  });
}

const NAMES: Readonly<Record<string, string>> = { non_resource_urls: "nonResourceURLs" };

function object(block: ReadBlock): Record<string, unknown> {
  const entries = [...block.arguments].map(([name, value]) => [
    NAMES[name] ?? name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries);
}

function spec(block: ReadBlock): unknown {
  const ingress = below(block, "ingress").map((one) => rule(one, "from"));
  const egress = below(block, "egress").map((one) => rule(one, "to"));
  return {
    podSelector: below(block, "pod_selector").map(selector)[0],
    ...object(block),
    ...(ingress.length === 0 ? {} : { ingress }),
    ...(egress.length === 0 ? {} : { egress }),
  };
}

function rule(block: ReadBlock, side: string): unknown {
  const peers = below(block, side).map((one) => ({
    ...first("namespaceSelector", below(one, "namespace_selector").map(selector)),
    ...first("podSelector", below(one, "pod_selector").map(selector)),
    ...first("ipBlock", below(one, "ip_block").map(object)),
  }));
  const ports = below(block, "ports").map(port);
  return { ...(peers.length === 0 ? {} : { [side]: peers }), ...(ports.length === 0 ? {} : { ports }) };
}

/** The provider reads digits as a number, and what has a letter as a name. */
function port(block: ReadBlock): unknown {
  const read = object(block);
  return /^\d+$/u.test(String(read["port"])) ? { ...read, port: Number(read["port"]) } : read;
}

function selector(block: ReadBlock): unknown {
  const matchExpressions = below(block, "match_expressions").map(object);
  return { ...object(block), ...(matchExpressions.length === 0 ? {} : { matchExpressions }) };
}

function first(name: string, found: readonly unknown[]): Record<string, unknown> {
  return found.length === 0 ? {} : { [name]: found[0] };
}

function below(block: ReadBlock, type: string): ReadBlock[] {
  return block.blocks.filter((one) => one.type === type);
}
