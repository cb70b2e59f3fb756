import { MultiDirectedGraph } from "graphology";
import type { CommunicationGraph } from "../model/graph.ts";
import { type Peer, peerName } from "../model/peer.ts";
import { edgeKey } from "./edge-draft.ts";

export interface NodeAttributes {
  readonly label: string;
  readonly kind: Peer["kind"];
  readonly namespace: string;
}

export interface EdgeAttributes {
  readonly label: string;
  readonly protocol: string;
  readonly port: number;
  readonly weight: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** The graph as graphology has it, for its exporters and algorithms: a node a peer, an edge an edge, in the graph's order. */
export function viewOf(graph: CommunicationGraph): MultiDirectedGraph<NodeAttributes, EdgeAttributes> {
  const view = new MultiDirectedGraph<NodeAttributes, EdgeAttributes>();
  const namespaces = new Map(graph.workloads.map(({ key, namespace }) => [key, namespace]));
  for (const { client, server } of graph.edges) {
    for (const peer of [client, server]) {
      const namespace = peer.kind === "workload" ? (namespaces.get(peer.workload) ?? "") : "";
      view.mergeNode(peerName(peer), { label: peerName(peer), kind: peer.kind, namespace });
    }
  }
  for (const edge of graph.edges) {
    const { protocol, port, evidence } = edge;
    view.addEdgeWithKey(edgeKey(edge), peerName(edge.client), peerName(edge.server), {
      label: port === undefined ? protocol : `${port}/${protocol}`,
      protocol,
      port: port ?? 0,
      weight: evidence.connections,
      firstSeen: isoTime(evidence.firstSeen),
      lastSeen: isoTime(evidence.lastSeen),
    });
  }
  return view;
}

function isoTime(time: number | undefined): string {
  return time === undefined ? "" : new Date(time).toISOString();
}
