import type { CheckFinding } from "../../model/check-finding.ts";
import type { CommunicationGraph, Edge } from "../../model/graph.ts";
import { blockHolds, parseAddress } from "../network/address.ts";
import { selectsPod } from "../network/match.ts";
import type { CompiledPeer, CompiledPolicy, CompiledPort, CompiledRule } from "../network/policy.ts";
import { findingOf, namesOf, placeOf } from "./finding.ts";
import { podId, type ReviewWorld, type Subject } from "./world.ts";

/** 5353 is where OpenShift's DNS pods listen; rules are about the pod's port (rule 17). */
const DNS_PORTS = [53, 5353] as const;

/** Labels that DNS pods have: those of kube-dns and CoreDNS, and OpenShift's. */
const RESOLVERS = [
  { namespace: "kube-system", labels: new Map([["k8s-app", "kube-dns"]]) },
  { namespace: "openshift-dns", labels: new Map([["dns.operator.openshift.io/daemonset-dns", "default"]]) },
] as const;

/** Where NodeLocal DNSCache listens. */
const NODE_LOCAL = parseAddress("169.254.20.10");

/**
 * Workloads whose egress is closed but for some peers, none of which is DNS: every connection by name fails before it
 * is made. All policies of a workload are looked at together.
 */
export function dnsFindings(
  world: ReviewWorld,
  graph: Pick<CommunicationGraph, "edges" | "workloads"> | undefined,
): readonly CheckFinding[] {
  const affected = new Map<string, Subject[]>();
  for (const subject of world.subjects) {
    const policies = closingPolicies(world, subject);
    const [first] = policies.filter(({ rules }) => (rules.egress ?? []).length > 0);
    // Without any rule it is a pod that is to talk to nobody.
    if (first === undefined || policies.some(allowsDns)) continue;
    affected.set(first.id, [...(affected.get(first.id) ?? []), subject]);
  }
  const { resolving, observed } = dnsUsers(graph);
  return [...affected].flatMap(([id, subjects]) => {
    const needsNone = subjects.every(({ key }) => observed.has(key) && !resolving.has(key));
    return dnsFinding(world, id, subjects, needsNone);
  });
}

function closingPolicies({ compiled }: ReviewWorld, { pods, hostNetwork }: Subject): readonly CompiledPolicy[] {
  const [first] = pods;
  return first === undefined || hostNetwork ? [] : (compiled.pods.get(podId(first))?.isolatedBy.egress ?? []);
}

function allowsDns({ rules, namespace }: CompiledPolicy): boolean {
  return (rules.egress ?? []).some((rule) => ruleAllowsDns(rule, namespace));
}

function ruleAllowsDns({ peers, ports }: CompiledRule, namespace: string): boolean {
  if (ports.length > 0) return ports.some(isDnsPort);
  return peers.length === 0 || peers.some((peer) => isResolver(peer, namespace));
}

function isDnsPort({ protocol, port, endPort }: CompiledPort): boolean {
  if (protocol !== "UDP") return false;
  if (typeof port === "string") return port.startsWith("dns");
  return port === undefined || DNS_PORTS.some((dns) => port <= dns && dns <= (endPort ?? port));
}

function isResolver(peer: CompiledPeer, policyNamespace: string): boolean {
  if (peer.kind === "block") return NODE_LOCAL !== undefined && blockHolds(peer.block, NODE_LOCAL);
  return RESOLVERS.some(({ namespace, labels }) => {
    const namespaceLabels = new Map([["kubernetes.io/metadata.name", namespace]]);
    return selectsPod(peer, policyNamespace, { namespace, namespaceLabels, labels });
  });
}

/** Workloads that were seen at all, and those that asked a DNS server. */
function dnsUsers(graph: Pick<CommunicationGraph, "edges" | "workloads"> | undefined): {
  readonly resolving: ReadonlySet<string>;
  readonly observed: ReadonlySet<string>;
} {
  const clients = (graph?.edges ?? []).flatMap((edge) => (isDns(edge) ? [clientOf(edge)] : []));
  return { resolving: new Set(clients), observed: new Set(graph?.workloads.map(({ key }) => key)) };
}

function isDns({ protocol, port }: Edge): boolean {
  return protocol === "UDP" && DNS_PORTS.some((dns) => dns === port);
}

function clientOf({ client }: Edge): string {
  return client.kind === "workload" ? client.workload : "";
}

function dnsFinding(
  { policies }: ReviewWorld,
  id: string,
  subjects: readonly Subject[],
  needsNone: boolean,
): readonly CheckFinding[] {
  const policy = policies.find((one) => one.id === id);
  if (policy === undefined) return [];
  const names = namesOf([...new Set(subjects.map(({ key }) => key))]);
  const seen = needsNone ? "; none was seen asking for a name, so this may be meant" : "";
  return [
    findingOf({
      code: "dns-forgotten",
      severity: needsNone ? "info" : "warning",
      about: id,
      message: `NetworkPolicy ${id} closes egress of ${names} and no policy lets them ask DNS (53/UDP): nothing they know by name can be reached${seen}`,
      choice: "Allow 53/UDP and 53/TCP to the cluster's DNS pods (5353 on OpenShift).",
      place: placeOf(policy.object, ["spec", "egress"]),
      detail: "",
    }),
  ];
}
