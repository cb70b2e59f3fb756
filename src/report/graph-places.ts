import { byText } from "../lib/sort.ts";
import type { CommunicationGraph } from "../model/graph.ts";
import { type Peer, peerName } from "../model/peer.ts";
import { counted, formatPeer } from "./wording.ts";

/** Where a peer is drawn: peers with the same group and title share a box. */
export interface Place {
  readonly group: string;
  readonly title: string;
}

export type PlacePeer = (peer: Peer) => Place;

const OUTSIDE = "outside the cluster";
const ENTITIES = "nodes and control plane";

/** Every workload and address by itself; entities by kind. */
export function placeEach(graph: CommunicationGraph): PlacePeer {
  const workloads = new Map(graph.workloads.map((workload) => [workload.key, workload]));
  return (peer) => {
    switch (peer.kind) {
      case "workload": {
        const workload = workloads.get(peer.workload);
        const namespace = workload?.namespace ?? "unknown namespace";
        return {
          group: namespace,
          title: peer.workload.startsWith(`${namespace}/`) ? peer.workload.slice(namespace.length + 1) : peer.workload,
        };
      }
      case "external":
        return { group: OUTSIDE, title: formatPeer(peer, graph.names) };
      case "entity":
        return { group: ENTITIES, title: peer.entity };
    }
  };
}

/** Outside addresses with the same DNS name, or more than three that use the same ports of the same peers, share a box. */
export function placeAlike(graph: CommunicationGraph): PlacePeer {
  const each = placeEach(graph);
  const habits = new Map<string, Set<string>>();
  for (const { client, server, port, protocol } of [...graph.edges, ...graph.denied]) {
    for (const [peer, other, way] of [
      [client, server, "to"],
      [server, client, "from"],
    ] as const) {
      if (peer.kind !== "external") continue;
      const habit = habits.get(peer.address) ?? new Set<string>();
      habits.set(peer.address, habit.add(JSON.stringify([way, peerName(other), port, protocol])));
    }
  }
  const alike = new Map<string, string[]>();
  const kindOf = (address: string): string =>
    JSON.stringify([nameOf(graph, address), [...(habits.get(address) ?? [])].toSorted(byText)]);
  for (const address of habits.keys()) {
    const kind = kindOf(address);
    alike.set(kind, [...(alike.get(kind) ?? []), address]);
  }
  return (peer) => {
    if (peer.kind !== "external") return each(peer);
    const name = nameOf(graph, peer.address);
    const those = alike.get(kindOf(peer.address)) ?? [];
    if (those.length < (name === undefined ? 4 : 2)) return each(peer);
    const first = those.toSorted(byText)[0] ?? peer.address;
    const count = counted(those.length, "address", "addresses");
    return { group: OUTSIDE, title: name === undefined ? `${count} such as ${first}` : `${name} (${count})` };
  };
}

function nameOf({ names }: CommunicationGraph, address: string): string | undefined {
  return Object.hasOwn(names, address) ? names[address]?.[0] : undefined;
}

/** All outside addresses in one box. */
export function placeOutsideTogether(graph: CommunicationGraph): PlacePeer {
  const each = placeEach(graph);
  const addresses = new Set<string>();
  for (const { client, server } of [...graph.edges, ...graph.denied]) {
    for (const peer of [client, server]) if (peer.kind === "external") addresses.add(peer.address);
  }
  const title = counted(addresses.size, "address", "addresses");
  return (peer) => (peer.kind === "external" ? { group: OUTSIDE, title } : each(peer));
}

/** One box for each namespace, one for everything outside, one for the entities. */
export function placeNamespaces(graph: CommunicationGraph): PlacePeer {
  const together = placeOutsideTogether(graph);
  const sizes = new Map<string, number>();
  for (const { namespace } of graph.workloads) sizes.set(namespace, (sizes.get(namespace) ?? 0) + 1);
  return (peer) => {
    const place = together(peer);
    if (peer.kind === "entity") return { group: ENTITIES, title: "nodes and control plane" };
    if (peer.kind === "external") return place;
    return { group: place.group, title: counted(sizes.get(place.group) ?? 1, "workload") };
  };
}
