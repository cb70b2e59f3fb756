import type { Edge } from "../../model/graph.ts";
import type { Proof } from "../../model/proof.ts";
import type { Direction } from "../network/verdict.ts";
import { isPortEdge, type Replay, replayEdge } from "./edges.ts";
import type { ReplayWorld } from "./replay.ts";

export const DIRECTIONS = ["egress", "ingress"] as const;

/** Where an edge does not pass; a verdict that can't be given counts as a cut. */
export function cutsOf(edge: Edge, replay: Replay, directions: readonly Direction[]): Proof["cut"] {
  if (replay.kind === "impossible") {
    return directions.map((direction) => ({ edge, direction, reason: replay.problem }));
  }
  return directions.flatMap((direction) => {
    const { verdict, reason } = replay.directions[direction];
    return verdict === "allowed" ? [] : [{ edge, direction, reason }];
  });
}

/** Edges that do not pass in a world, in their order; those without a port are not asked about. */
export function cutEdges(world: ReplayWorld, edges: readonly Edge[]): readonly Edge[] {
  return edges.filter(isPortEdge).filter((edge) => cutsOf(edge, replayEdge(world, edge), DIRECTIONS).length > 0);
}
