import { isPolicyProtocol, type PolicyProtocol } from "../../model/flow.ts";
import type { Edge } from "../../model/graph.ts";
import type { Peer } from "../../model/peer.ts";
import { parseAddress } from "../network/address.ts";
import { evaluateConnection } from "../network/evaluate.ts";
import type { Direction, DirectionVerdict } from "../network/verdict.ts";
import type { ConnectionEnd } from "../network/world.ts";
import type { ReplayWorld } from "./replay.ts";

/** An edge NetworkPolicy can speak about. */
export interface PortEdge extends Edge {
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** What replaying an edge gave: a verdict for each direction, or why it could not be replayed. */
export type Replay =
  | { readonly kind: "replayed"; readonly directions: Readonly<Record<Direction, DirectionVerdict>> }
  | { readonly kind: "impossible"; readonly problem: string };

/** Whether the edge has a protocol and port a policy can name, and ends it can be asked about. */
export function isPortEdge(edge: Edge): edge is PortEdge {
  return isPolicyProtocol(edge.protocol) && edge.port !== undefined && hasPlace(edge.client) && hasPlace(edge.server);
}

function hasPlace(peer: Peer): boolean {
  return peer.kind !== "entity" || peer.address !== undefined || peer.entity === "host";
}

/**
 * Asks the evaluator about an observed edge. A client that is the pod's own node passes every policy (rule 12); every
 * other entity is the address it was seen with.
 */
export function replayEdge(world: ReplayWorld, edge: PortEdge): Replay {
  const { client, server } = edge;
  if (client.kind === "entity" && client.entity === "host") {
    const exempt = exemptDirection("the client is the pod's own node, which policies never keep out");
    return { kind: "replayed", directions: { egress: exempt, ingress: exempt } };
  }
  const from = endOf(world, client, false);
  const isSelf = client.kind === "workload" && server.kind === "workload" && client.workload === server.workload;
  const to = endOf(world, server, isSelf);
  if (typeof from === "string") {
    return { kind: "impossible", problem: from };
  }
  if (typeof to === "string") {
    return { kind: "impossible", problem: to };
  }
  const { egress, ingress } = evaluateConnection(world.compiled, {
    from,
    to,
    protocol: edge.protocol,
    port: edge.port,
  });
  return { kind: "replayed", directions: { egress, ingress } };
}

function exemptDirection(reason: string): DirectionVerdict {
  return { verdict: "allowed", isolated: "no", isolatedBy: [], allowedBy: [], reason };
}

/** The end to ask about, or a sentence on why there is none. */
function endOf(world: ReplayWorld, peer: Peer, second: boolean): ConnectionEnd | string {
  switch (peer.kind) {
    case "workload": {
      const pods = second ? world.secondPodOf : world.podOf;
      return pods.get(peer.workload) ?? `the graph has an edge of ${peer.workload} and no such workload`;
    }
    case "external":
      return addressEnd(peer.address);
    case "entity":
      return peer.address === undefined ? `${peer.entity} has no address` : addressEnd(peer.address);
  }
}

function addressEnd(address: string): ConnectionEnd | string {
  return parseAddress(address) === undefined ? `${JSON.stringify(address)} is not an IP address` : { ip: address };
}
