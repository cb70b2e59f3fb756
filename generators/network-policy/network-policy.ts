import { OWN_LABELS } from "../../src/model/labels.ts";
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../../src/model/manifest.ts";
import type {
  DirectionPolicy,
  NamespaceDeny,
  PolicySet,
  Rule,
  RulePeer,
  WorkloadPolicy,
} from "../../src/model/policy-set.ts";

/**
 * Writes a policy set down as networking.k8s.io/v1 NetworkPolicies, in its order, default-denies last. `policyTypes` is
 * always there and no list is ever empty. A rule for anyone has no list of peers, which is how that is said.
 */
export function networkPolicies(set: PolicySet): NetworkPolicy[] {
  return [...set.policies.map(workloadPolicy), ...set.denies.map(namespaceDeny)];
}

function workloadPolicy(policy: WorkloadPolicy): NetworkPolicy {
  const { name, namespace, selector, ingress, egress } = policy;
  const spec: NetworkPolicySpec = {
    podSelector: { matchLabels: selector },
    policyTypes: policyTypes(ingress, egress),
    ...section(
      "ingress",
      rules(ingress, (rule) => ({ ...section("from", peers(rule)), ports: ports(rule) })),
    ),
    ...section(
      "egress",
      rules(egress, (rule) => ({ ...section("to", peers(rule)), ports: ports(rule) })),
    ),
  };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace, labels: OWN_LABELS },
    spec,
  };
}

function namespaceDeny({ name, namespace }: NamespaceDeny): NetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace, labels: OWN_LABELS },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  };
}

function policyTypes(ingress: DirectionPolicy, egress: DirectionPolicy): ("Ingress" | "Egress")[] {
  const types: ("Ingress" | "Egress")[] = [];
  if (isWritten(ingress)) types.push("Ingress");
  if (isWritten(egress)) types.push("Egress");
  return types;
}

function isWritten(direction: DirectionPolicy): boolean {
  return direction.mode === "isolated" || direction.explicit;
}

/** An open direction that has to be said is one rule without restrictions. */
function rules<T extends object>(direction: DirectionPolicy, write: (rule: Rule) => T): (T | Record<string, never>)[] {
  if (direction.mode === "open") return direction.explicit ? [{}] : [];
  return direction.rules.map(write);
}

function section<K extends string, T>(name: K, written: readonly T[]): Partial<Record<K, readonly T[]>> {
  return written.length === 0 ? {} : ({ [name]: written } as Partial<Record<K, readonly T[]>>);
}

function peers(rule: Rule): NetworkPolicyPeer[] {
  const written = rule.peers.map(peer);
  const named = written.filter((one) => one !== undefined);
  return named.length === written.length ? named : [];
}

/** Undefined for anyone, who can't be an entry of a list. */
function peer(of: RulePeer): NetworkPolicyPeer | undefined {
  switch (of.kind) {
    case "anyone":
      return undefined;
    case "block":
      return { ipBlock: { cidr: of.cidr } };
    case "pods":
      return { namespaceSelector: namespaceNamed(of.namespace), podSelector: { matchLabels: of.labels } };
  }
}

/** The API server puts this label on every namespace (KEP-2161). */
function namespaceNamed(namespace: string): LabelSelector {
  return { matchLabels: { "kubernetes.io/metadata.name": namespace } };
}

function ports(rule: Rule): NetworkPolicyPort[] {
  return rule.ports.map(({ protocol, port }) => ({ protocol, port }));
}
