import type { CommunicationGraph, Edge, Labels, Workload } from "../../src/model/graph.ts";
import { type EntityName, type Peer } from "../../src/model/peer.ts";
import type { DirectionPolicy, PolicySet, WorkloadPolicy } from "../../src/model/policy-set.ts";
import { SOME_FACTS, someEvidence, someWorkload } from "../support/fixtures.ts";

/** `shop/cart`, `203.0.113.7`, or an entity with an optional address: `remote-node(10.0.0.4)`. */
export function peerOf(text: string): Peer {
  const entity = /^(?<name>[a-z-]+)(\((?<address>.*)\))?$/.exec(text)?.groups;
  if (entity !== undefined) return { kind: "entity", entity: entity["name"] as EntityName, address: entity["address"] };
  return text.includes("/") ? { kind: "workload", workload: text } : { kind: "external", address: text };
}

/** `edgeOf("shop/frontend -> shop/cart 7070/TCP")`; ICMP has no port. */
export function edgeOf(text: string, over: Partial<Edge> = {}): Edge {
  const [client = "", , server = "", what = ""] = text.split(" ");
  const [port, protocol] = what.includes("/") ? what.split("/") : [undefined, what];
  return {
    client: peerOf(client),
    server: peerOf(server),
    protocol: protocol as Edge["protocol"],
    port: port === undefined ? undefined : Number(port),
    evidence: someEvidence(),
    ...over,
  };
}

/** Labels by workload; those of workloads that only edges name are `app: <name>`. */
export type WorkloadLabels = Readonly<Record<string, Labels>>;

/** A graph of these edges, its workloads theirs and those in `labels`. */
export function graphWith(edges: readonly (string | Edge)[], labels: WorkloadLabels = {}): CommunicationGraph {
  const made = edges.map((edge) => (typeof edge === "string" ? edgeOf(edge) : edge));
  const named = made.flatMap(({ client, server }) => [client, server]);
  const keys = new Set([
    ...Object.keys(labels),
    ...named.flatMap((peer) => (peer.kind === "workload" ? [peer.workload] : [])),
  ]);
  const workloads: Workload[] = [...keys].toSorted().map((key) => {
    const own = labels[key];
    return someWorkload(key, own === undefined ? {} : { labels: own });
  });
  return { window: undefined, workloads, edges: made, denied: [], quarantine: [], names: {}, facts: SOME_FACTS };
}

export function policyFor(set: PolicySet, workload: string): WorkloadPolicy | undefined {
  return set.policies.find(({ workloads }) => workloads.includes(workload));
}

/** `isolated`, or why a direction is open. */
export function modeOf(direction: DirectionPolicy | undefined): string {
  if (direction === undefined) return "no policy";
  if (direction.mode === "isolated") return "isolated";
  return direction.explicit ? `${direction.reason}, said so` : direction.reason;
}

/** `shop app=cart 7070/TCP` or `anyone 7070/TCP` for each peer and port of each rule, sorted. */
export function allowedBy(direction: DirectionPolicy | undefined): string[] {
  if (direction?.mode !== "isolated") return [];
  return direction.rules
    .flatMap(({ peers, ports }) =>
      peers.flatMap((peer) => {
        if (peer.kind === "anyone") return ports.map(({ port, protocol }) => `anyone ${port}/${protocol}`);
        const who =
          peer.kind === "block"
            ? peer.cidr
            : `${peer.namespace} ${Object.entries(peer.labels)
                .map(([key, value]) => `${key}=${value}`)
                .join(",")}`;
        return ports.map(({ port, protocol }) => `${who} ${port}/${protocol}`);
      }),
    )
    .toSorted();
}

export function codesOf(set: PolicySet): string[] {
  return [...new Set(set.findings.map(({ code }) => code))].toSorted();
}
