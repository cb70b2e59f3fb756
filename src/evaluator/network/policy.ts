import type { PolicyProtocol } from "../../model/flow.ts";
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../../model/manifest.ts";
import { type Block, parseBlock } from "./address.ts";
import { compileSelector, type LabelMatcher } from "./selector.ts";
import type { Direction } from "./verdict.ts";

/** A peer, ready to match. */
export type CompiledPeer =
  | {
      readonly kind: "pods";
      /** Undefined: the policy's own namespace. */
      readonly namespaces: LabelMatcher | undefined;
      /** Undefined: every pod of the namespaces. */
      readonly pods: LabelMatcher | undefined;
      /** Equal for peers that match the same pods, whatever policy of the namespace they stand in. */
      readonly key: string;
    }
  | { readonly kind: "block"; readonly block: Block; readonly except: readonly Block[] };

/** One entry of `ports`; `port` undefined is every port of the protocol, a string is a name. */
export interface CompiledPort {
  readonly protocol: PolicyProtocol;
  readonly port: number | string | undefined;
  /** Undefined when the entry is no range. */
  readonly endPort: number | undefined;
}

/** Peers and ports are both needed; an empty list asks for nothing (rule 5). */
export interface CompiledRule {
  readonly peers: readonly CompiledPeer[];
  readonly ports: readonly CompiledPort[];
}

/** A policy with its defaults. A direction it does not isolate is undefined, whatever rules stand there (rule 8). */
export interface CompiledPolicy {
  /** `namespace/name`. */
  readonly id: string;
  readonly namespace: string;
  readonly selects: LabelMatcher;
  readonly rules: Readonly<Record<Direction, readonly CompiledRule[] | undefined>>;
}

/** Namespace of a policy as it lies in a repository; none and an empty one are the default one (rule 11). */
export function policyNamespace({ metadata: { namespace = "" } }: NetworkPolicy): string {
  return namespace === "" ? "default" : namespace;
}

/** `namespace/name`, under which the API server keeps the policy. */
export function policyId(policy: NetworkPolicy): string {
  return `${policyNamespace(policy)}/${policy.metadata.name}`;
}

/** Defaults and compiles a policy. It must be free of `null` and of problems (`problemsOf`). */
export function compilePolicy(policy: NetworkPolicy): CompiledPolicy {
  const spec: NetworkPolicySpec = policy.spec ?? {};
  const egress = spec.egress ?? [];
  const types = policyTypesOf(spec);
  const ingressRules = (spec.ingress ?? []).map((rule) => compileRule(rule.from ?? [], rule.ports ?? []));
  const egressRules = egress.map((rule) => compileRule(rule.to ?? [], rule.ports ?? []));
  return {
    id: policyId(policy),
    namespace: policyNamespace(policy),
    selects: compileSelector(spec.podSelector ?? {}),
    rules: {
      ingress: types.includes("Ingress") ? ingressRules : undefined,
      egress: types.includes("Egress") ? egressRules : undefined,
    },
  };
}

/**
 * The directions a policy isolates. Missing or empty policyTypes: Ingress always, Egress if there is an egress rule
 * (rule 8; networking/v1 types.go).
 */
export function policyTypesOf({ policyTypes = [], egress = [] }: NetworkPolicySpec): readonly ("Ingress" | "Egress")[] {
  if (policyTypes.length > 0) {
    return policyTypes;
  }
  return egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

function compileRule(peers: readonly NetworkPolicyPeer[], ports: readonly NetworkPolicyPort[]): CompiledRule {
  return { peers: peers.flatMap(compilePeer), ports: ports.flatMap(compilePort) };
}

function compilePeer(peer: NetworkPolicyPeer): CompiledPeer[] {
  if (peer.ipBlock !== undefined) {
    const block = parseBlock(peer.ipBlock.cidr);
    const except = (peer.ipBlock.except ?? []).flatMap((cidr) => parseBlock(cidr) ?? []);
    return block === undefined ? [] : [{ kind: "block", block, except }];
  }
  return [
    {
      kind: "pods",
      namespaces: peer.namespaceSelector && compileSelector(peer.namespaceSelector),
      pods: peer.podSelector && compileSelector(peer.podSelector),
      key: JSON.stringify([selectorKey(peer.namespaceSelector), selectorKey(peer.podSelector)]),
    },
  ];
}

function selectorKey(selector: LabelSelector | undefined): unknown {
  return selector === undefined
    ? null
    : [Object.entries(selector.matchLabels ?? {}), ...(selector.matchExpressions ?? [])];
}

function compilePort(entry: NetworkPolicyPort): CompiledPort[] {
  const protocol = entry.protocol ?? "TCP";
  if (protocol !== "TCP" && protocol !== "UDP" && protocol !== "SCTP") {
    return [];
  }
  return [{ protocol, port: entry.port, endPort: entry.endPort }];
}
