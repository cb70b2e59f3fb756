import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "../../model/manifest.ts";
import { type Block, blockHolds, parseBlock } from "./address.ts";
import { isDnsLabel, isDnsSubdomain, isPortName } from "./names.ts";
import { presentParts } from "./present.ts";
import { keyProblems, labelProblems, selectorProblems } from "./selector-problems.ts";
import { quoted, shapeProblems } from "./shape.ts";

const LAST_PORT = 65_535;

/**
 * What the API server would refuse in a policy (strict field validation included), one sentence each, beginning with
 * the path: `spec.ingress[0].from[1].ipBlock.cidr: ...`. Empty for a good policy. The policy may be anything a YAML
 * file holds. Source: kubernetes/kubernetes pkg/apis/networking/validation/validation.go.
 */
export function problemsOf(policy: NetworkPolicy): string[] {
  const present = presentParts(policy);
  const wrongShape = shapeProblems(present);
  if (wrongShape.length > 0) {
    return [...wrongShape];
  }
  if (present.metadata === undefined) {
    return ["metadata: is missing"];
  }
  // A policy without spec is accepted: it closes ingress for the whole namespace.
  return [...headProblems(present), ...specProblems(present.spec ?? {})];
}

function headProblems({ apiVersion, kind, metadata }: NetworkPolicy): string[] {
  const problems: string[] = [];
  if (apiVersion !== "networking.k8s.io/v1" || kind !== "NetworkPolicy") {
    const found = `${quoted(apiVersion)} ${quoted(kind)}`;
    problems.push(`apiVersion: ${found} is not networking.k8s.io/v1 NetworkPolicy`);
  }
  if (metadata.name === undefined || !isDnsSubdomain(metadata.name)) {
    problems.push(`metadata.name: ${quoted(metadata.name)} must be a DNS-1123 name: a-z, 0-9, "-" and "."`);
  }
  if (metadata.namespace !== undefined && !isDnsLabel(metadata.namespace)) {
    problems.push(`metadata.namespace: ${quoted(metadata.namespace)} must be a DNS-1123 label: a-z, 0-9 and "-"`);
  }
  problems.push(...labelProblems(metadata.labels ?? {}, "metadata.labels"));
  for (const key of Object.keys(metadata.annotations ?? {})) {
    // Annotation keys are checked in lower case (apimachinery, ValidateAnnotations).
    problems.push(...keyProblems(key.toLowerCase(), "metadata.annotations"));
  }
  return problems;
}

function specProblems(spec: NetworkPolicySpec): string[] {
  const ingress = (spec.ingress ?? []).flatMap((rule, index) => [
    ...peersProblems(rule.from ?? [], `spec.ingress[${index}].from`),
    ...portsProblems(rule.ports ?? [], `spec.ingress[${index}].ports`),
  ]);
  const egress = (spec.egress ?? []).flatMap((rule, index) => [
    ...peersProblems(rule.to ?? [], `spec.egress[${index}].to`),
    ...portsProblems(rule.ports ?? [], `spec.egress[${index}].ports`),
  ]);
  const selector = selectorProblems(spec.podSelector ?? {}, "spec.podSelector");
  return [...selector, ...ingress, ...egress, ...typesProblems(spec.policyTypes ?? [])];
}

function typesProblems(types: readonly string[]): string[] {
  const tooMany = types.length > 2 ? ["spec.policyTypes: may not name more than two types"] : [];
  const unknown = types.flatMap((type, index) =>
    type === "Ingress" || type === "Egress"
      ? []
      : [`spec.policyTypes[${index}]: ${quoted(type)} must be "Ingress" or "Egress"`],
  );
  return [...tooMany, ...unknown];
}

function peersProblems(peers: readonly NetworkPolicyPeer[], path: string): string[] {
  return peers.flatMap((peer, index) => peerProblems(peer, `${path}[${index}]`));
}

function peerProblems(peer: NetworkPolicyPeer, path: string): string[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  if (ipBlock !== undefined) {
    const mixed = podSelector !== undefined || namespaceSelector !== undefined;
    const found = mixed ? [`${path}: may not have ipBlock and a selector; make two peers of it`] : [];
    return [...found, ...blockProblems(ipBlock, `${path}.ipBlock`)];
  }
  if (podSelector === undefined && namespaceSelector === undefined) {
    return [`${path}: must have podSelector, namespaceSelector or ipBlock; leave the list out to mean everyone`];
  }
  return [
    ...(podSelector === undefined ? [] : selectorProblems(podSelector, `${path}.podSelector`)),
    ...(namespaceSelector === undefined ? [] : selectorProblems(namespaceSelector, `${path}.namespaceSelector`)),
  ];
}

function blockProblems(
  ipBlock: { readonly cidr?: string; readonly except?: readonly string[] },
  path: string,
): string[] {
  const block = ipBlock.cidr === undefined ? undefined : parseBlock(ipBlock.cidr);
  if (block === undefined) {
    return [`${path}.cidr: ${quoted(ipBlock.cidr)} must be a CIDR block such as 10.0.0.0/8 or 2001:db8::/32`];
  }
  return (ipBlock.except ?? []).flatMap((text, index) => {
    const place = `${path}.except[${index}]`;
    const except = parseBlock(text);
    if (except === undefined) {
      return [`${place}: ${quoted(text)} must be a CIDR block such as 10.1.0.0/16`];
    }
    return isStrictlyInside(except, block)
      ? []
      : [`${place}: ${quoted(text)} must be a part of ${ipBlock.cidr} and smaller`];
  });
}

function isStrictlyInside(inner: Block, outer: Block): boolean {
  return inner.bits > outer.bits && blockHolds(outer, inner);
}

function portsProblems(ports: readonly NetworkPolicyPort[], path: string): string[] {
  return ports.flatMap((entry, index) => {
    const place = `${path}[${index}]`;
    const { protocol } = entry;
    const known = protocol === undefined || ["TCP", "UDP", "SCTP"].includes(protocol);
    const found = known ? [] : [`${place}.protocol: ${quoted(protocol)} must be TCP, UDP or SCTP`];
    return [...found, ...portProblems(entry.port, `${place}.port`), ...rangeProblems(entry, place)];
  });
}

function isPort(value: number): boolean {
  return value >= 1 && value <= LAST_PORT;
}

function portProblems(port: number | string | undefined, path: string): string[] {
  if (typeof port === "number" && !isPort(port)) {
    return [`${path}: ${port} must be from 1 to ${LAST_PORT}`];
  }
  if (typeof port === "string" && !isPortName(port)) {
    const hint = /^[0-9]+$/.test(port) ? "; a number is written without quotes" : "";
    return [`${path}: ${quoted(port)} must be a port's name: at most 15 of a-z, 0-9 and "-", with a letter${hint}`];
  }
  return [];
}

function rangeProblems({ port, endPort }: NetworkPolicyPort, path: string): string[] {
  if (endPort === undefined) {
    return [];
  }
  if (typeof port !== "number") {
    return [`${path}.endPort: needs a numeric port to begin the range, not ${quoted(port)}`];
  }
  return isPort(endPort) && endPort >= port
    ? []
    : [`${path}.endPort: ${endPort} must be at least ${port} and at most ${LAST_PORT}`];
}
