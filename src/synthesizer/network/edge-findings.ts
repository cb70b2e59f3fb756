import ipaddr from "ipaddr.js";
import { some } from "../../lib/some.ts";
import type { Finding } from "../../model/finding.ts";
import type { CommunicationGraph, DeniedEdge, Edge } from "../../model/graph.ts";
import { type Peer, peerName } from "../../model/peer.ts";
import { type Direction, describeEdge } from "./needs.ts";
import { isInScope, type SynthesisOptions } from "./options.ts";

interface Scope {
  readonly graph: CommunicationGraph;
  readonly options: SynthesisOptions;
}

/** Addresses in rules: they change, so the reader gets their number, their names and whether they are outside at all. */
export function externalFindings({ graph, options }: Scope): Finding[] {
  const findings: Finding[] = [];
  for (const direction of ["egress", "ingress"] as const) {
    for (const [workload, addresses] of externalPeers({ graph, options }, direction)) {
      findings.push(externalFinding(workload, direction, addresses, { graph, options }));
    }
  }
  const inside = privateAddresses(graph);
  if (inside.length > 0) findings.push(privateFinding(inside));
  if (options.externalPrefix.v4 < 32 || options.externalPrefix.v6 < 128) findings.push(widened(options));
  return findings;
}

function externalPeers({ graph, options }: Scope, direction: Direction): Map<string, string[]> {
  const namespaces = new Map(graph.workloads.map(({ key, namespace }) => [key, namespace]));
  const peers = new Map<string, string[]>();
  for (const edge of graph.edges) {
    const [subject, other] = direction === "egress" ? [edge.client, edge.server] : [edge.server, edge.client];
    if (subject.kind !== "workload" || other.kind !== "external") continue;
    if (!isInScope(namespaces.get(subject.workload) ?? "", options)) continue;
    peers.set(subject.workload, [...(peers.get(subject.workload) ?? []), other.address]);
  }
  return peers;
}

function externalFinding(
  workload: string,
  direction: Direction,
  addresses: readonly string[],
  { graph, options }: Scope,
): Finding {
  const distinct = [...new Set(addresses)];
  const named = distinct.map((address) => {
    const name = graph.names[address]?.[0];
    return name === undefined ? address : `${address} (${name})`;
  });
  const what = distinct.length === 1 ? "1 outside address" : `${distinct.length} outside addresses`;
  if (direction === "ingress" && options.externalClients === "any") {
    return {
      code: "open-to-anyone",
      severity: "warning",
      about: workload,
      message: `${workload} may be reached from any address on the ports that ${what} used: ${some(named)}.`,
      choice: "--external-clients addresses names the addresses seen.",
    };
  }
  return {
    code: "external-addresses",
    severity: direction === "ingress" ? "warning" : "info",
    about: workload,
    message: `The ${direction} of ${workload} names ${what}, and another one will be cut: ${some(named)}.`,
    choice:
      direction === "ingress"
        ? "--external-clients any lets in every address on these ports."
        : "--widen-external names wider blocks; a CNI with DNS names in policies needs no addresses.",
  };
}

function privateAddresses(graph: CommunicationGraph): string[] {
  const peers = graph.edges.flatMap(({ client, server }) => [client, server]);
  const addresses = peers.flatMap((peer: Peer) => (peer.kind === "external" ? [peer.address] : []));
  return [...new Set(addresses)]
    .filter((address) => ["private", "uniqueLocal", "carrierGradeNat"].includes(ipaddr.parse(address).range()))
    .toSorted();
}

function privateFinding(addresses: readonly string[]): Finding {
  return {
    code: "private-address",
    severity: "warning",
    about: undefined,
    message: `${some(addresses)} are private addresses that the flow log calls outside: they may be nodes, Services or pods it could not name.`,
    choice: "Look them up before you merge; a pod is better named by its labels.",
  };
}

function widened({ externalPrefix }: SynthesisOptions): Finding {
  return {
    code: "external-widened",
    severity: "warning",
    about: undefined,
    message: `Outside addresses are widened to /${externalPrefix.v4} and /${externalPrefix.v6}: the blocks hold addresses nobody was seen using.`,
    choice: "Leave --widen-external out for /32 and /128.",
  };
}

/** Probes and host-network pods of a pod's own node: allowed by every implementation, so there is no rule to look for. */
export function ownNodeFindings(graph: CommunicationGraph, options: SynthesisOptions): Finding[] {
  const namespaces = new Map(graph.workloads.map(({ key, namespace }) => [key, namespace]));
  const edges = graph.edges.filter(
    ({ client, server }) =>
      client.kind === "entity" &&
      client.entity === "host" &&
      server.kind === "workload" &&
      isInScope(namespaces.get(server.workload) ?? "", options),
  );
  if (edges.length === 0) return [];
  const ports = edges.map(({ server, port, protocol }) => `${peerName(server)} ${port ?? ""}/${protocol}`);
  return [
    {
      code: "own-node-traffic",
      severity: "info",
      about: undefined,
      message: `There is no rule for what a pod's own node sends, such as kubelet probes, since no policy stops it: ${some(ports)}.`,
      choice: undefined,
    },
  ];
}

/** What the datapath refused: reported, never granted. */
export function deniedFindings(graph: CommunicationGraph): Finding[] {
  const byPolicy = graph.denied.filter((denied) => denied.byPolicy);
  const findings: Finding[] = [];
  if (byPolicy.length > 0) {
    findings.push({
      code: "denied-attempts",
      severity: "info",
      about: undefined,
      message: `Policies in force refused connections, and none of them is granted: ${some(byPolicy.map(describeDenied))}.`,
      choice: "--allow-denied 'CLIENT->SERVER:PORT' grants one that is wanted.",
    });
  }
  for (const edge of graph.edges) {
    const refused = byPolicy.find((denied) => describeDenied(denied) === describeEdge(edge));
    if (refused !== undefined && (refused.lastSeen ?? 0) > (edge.evidence.lastSeen ?? 0))
      findings.push(deniedSince(edge));
  }
  return findings;
}

function describeDenied({ client, server, port, protocol }: DeniedEdge): string {
  return `${peerName(client)} -> ${peerName(server)} ${port === undefined ? protocol : `${port}/${protocol}`}`;
}

function deniedSince(edge: Edge): Finding {
  return {
    code: "denied-since",
    severity: "warning",
    about: peerName(edge.server),
    message: `${describeEdge(edge)} was allowed and then refused: the suggested policies allow it again.`,
    choice: `--exclude '${peerName(edge.client)}->${peerName(edge.server)}' leaves it out.`,
  };
}

/** Connections that left their client and of which nothing else was seen. */
export function unconfirmedFindings(graph: CommunicationGraph): Finding[] {
  const silent = graph.edges.filter(({ evidence, client }) => !evidence.passed && client.kind === "workload");
  const audited = graph.edges.filter(({ evidence }) => evidence.audited);
  const findings: Finding[] = [];
  if (silent.length > 0) {
    findings.push({
      code: "never-answered",
      severity: "info",
      about: undefined,
      message: `Only seen leaving the client, without an answer or an arrival: ${some(silent.map(describeEdge))}.`,
      choice: "Collect from every node, so that both ends of a connection are seen.",
    });
  }
  if (audited.length > 0) {
    findings.push({
      code: "audited",
      severity: "warning",
      about: undefined,
      message: `A policy in audit mode would have dropped ${some(audited.map(describeEdge))}; it was let through and is granted.`,
      choice: "Leave out with --exclude what is not wanted.",
    });
  }
  return findings;
}
