import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "../../model/manifest.ts";
import { blockProblems, strictBlockProblems } from "./block-problems.ts";
import { isDnsLabel, isDnsSubdomain, isPortName } from "./names.ts";
import { presentParts } from "./present.ts";
import { keyProblems, labelProblems, selectorProblems } from "./selector-problems.ts";
import { quoted, shapeProblems } from "./shape.ts";

const LAST_PORT = 65_535;
/** Keys and values of all annotations together, in bytes of UTF-8 (apimachinery, TotalAnnotationSizeLimitB). */
const ANNOTATIONS_LIMIT = 256 * 1024;

/**
 * What the API server of any Kubernetes would refuse in a policy (strict field validation included, as kubectl asks for
 * it), one sentence each, beginning with the path: `spec.ingress[0].from[1].ipBlock.cidr: ...`. Empty for a good policy,
 * and for one that only newer servers refuse (`newerProblemsOf`). The policy may be anything a YAML file holds.
 * Source: kubernetes/kubernetes pkg/apis/networking/validation/validation.go.
 */
export function problemsOf(policy: NetworkPolicy): string[] {
  const wrongShape = shapeProblems(policy);
  if (wrongShape.length > 0) {
    return [...wrongShape];
  }
  const present = presentParts(policy);
  if (present.metadata === undefined) {
    return ["metadata: is missing"];
  }
  // A policy without spec is accepted: it closes ingress for the whole namespace.
  return [...headProblems(present), ...specProblems(present.spec ?? {})];
}

/**
 * What newer API servers refuse in a policy and older ones take, with the version it began with. A cluster may have such
 * a policy all the same, and applies it: an older one, or one that got it before an upgrade. The policy must be one
 * without `problemsOf`.
 */
export function newerProblemsOf(policy: NetworkPolicy): string[] {
  const { spec } = presentParts(policy);
  const status = Object.hasOwn(policy, "status")
    ? ["status: is no field of a NetworkPolicy since Kubernetes 1.28; leave it out"]
    : [];
  return [...status, ...rulesOf(spec ?? {}).flatMap(({ peers, peersPath }) => newerPeersProblems(peers, peersPath))];
}

function newerPeersProblems(peers: readonly NetworkPolicyPeer[], path: string): string[] {
  return peers.flatMap(({ ipBlock }, index) =>
    ipBlock === undefined ? [] : strictBlockProblems(ipBlock, `${path}[${index}].ipBlock`),
  );
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
  if (metadata.namespace !== undefined && metadata.namespace !== "" && !isDnsLabel(metadata.namespace)) {
    problems.push(`metadata.namespace: ${quoted(metadata.namespace)} must be a DNS-1123 label: a-z, 0-9 and "-"`);
  }
  problems.push(...labelProblems(metadata.labels ?? {}, "metadata.labels"));
  return [...problems, ...annotationProblems(metadata.annotations ?? {})];
}

function annotationProblems(annotations: Readonly<Record<string, string>>): string[] {
  // Annotation keys are checked in lower case (apimachinery, ValidateAnnotations).
  const problems = Object.keys(annotations).flatMap((key) => keyProblems(key.toLowerCase(), "metadata.annotations"));
  const size = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  return size > ANNOTATIONS_LIMIT
    ? [...problems, `metadata.annotations: ${size} bytes in all; may be at most ${ANNOTATIONS_LIMIT}`]
    : problems;
}

function specProblems(spec: NetworkPolicySpec): string[] {
  const rules = rulesOf(spec).flatMap(({ peers, peersPath, ports, portsPath }) => [
    ...peersProblems(peers, peersPath),
    ...portsProblems(ports, portsPath),
  ]);
  const selector = selectorProblems(spec.podSelector ?? {}, "spec.podSelector");
  return [...selector, ...rules, ...typesProblems(spec.policyTypes ?? [])];
}

/** The rules of both directions, and where their parts stand. */
function rulesOf({ ingress = [], egress = [] }: NetworkPolicySpec): {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly peersPath: string;
  readonly ports: readonly NetworkPolicyPort[];
  readonly portsPath: string;
}[] {
  return [
    ...ingress.map(({ from = [], ports = [] }, index) => ({
      peers: from,
      peersPath: `spec.ingress[${index}].from`,
      ports,
      portsPath: `spec.ingress[${index}].ports`,
    })),
    ...egress.map(({ to = [], ports = [] }, index) => ({
      peers: to,
      peersPath: `spec.egress[${index}].to`,
      ports,
      portsPath: `spec.egress[${index}].ports`,
    })),
  ];
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
