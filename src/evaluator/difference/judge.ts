import type { CommunicationGraph, Edge } from "../../model/graph.ts";
import type { Peer, WorkloadKey } from "../../model/peer.ts";
import type { ConnectionEnd, PodReference } from "../network/world.ts";
import type { Difference, DifferenceRow, JudgedDifference, JudgedEdge } from "./difference.ts";

/**
 * Joins a difference with what was observed. `podsOf` gives the pods that stand for a workload of the graph in both
 * worlds; two of them if traffic between replicas is to be judged. Edges without a port, those of the pod's own node
 * (`host`) and those of entities whose address nobody saw have no row.
 */
export function judgeDifference(
  difference: Difference,
  { edges }: Pick<CommunicationGraph, "edges">,
  podsOf: (workload: WorkloadKey) => readonly PodReference[],
): JudgedDifference {
  const found = edges.flatMap((edge) => rowsOf(difference, edge, podsOf).map((row): JudgedEdge => ({ edge, row })));
  const used = new Set(found.map(({ row }) => row));
  const among = (rows: readonly DifferenceRow[]): readonly JudgedEdge[] => {
    const wanted = new Set(rows);
    return found.filter(({ row }) => wanted.has(row));
  };
  return {
    cut: among(difference.cut),
    unclear: among(difference.unclear),
    opened: among(difference.opened),
    unused: difference.opened.filter((row) => !used.has(row)),
  };
}

function rowsOf(
  { rowOf }: Difference,
  { client, server, protocol, port }: Edge,
  podsOf: (workload: WorkloadKey) => readonly PodReference[],
): readonly DifferenceRow[] {
  const rows = new Set<DifferenceRow>();
  for (const from of endsOf(client, podsOf)) {
    for (const to of endsOf(server, podsOf)) {
      const row = rowOf({ from, to, protocol, port });
      if (row !== undefined) {
        rows.add(row);
      }
    }
  }
  return [...rows];
}

function endsOf(peer: Peer, podsOf: (workload: WorkloadKey) => readonly PodReference[]): readonly ConnectionEnd[] {
  switch (peer.kind) {
    case "workload":
      return podsOf(peer.workload);
    case "external":
      return [{ ip: peer.address }];
    case "entity":
      return peer.address === undefined || peer.entity === "host" ? [] : [{ ip: peer.address }];
  }
}
