import type { InferredTraffic } from "../../model/inferred.ts";
import type { Peer, WorkloadKey } from "../../model/peer.ts";
import type { RulePeer } from "../../model/policy-set.ts";
import type { Direction, Need } from "./needs.ts";
import type { Promised } from "./promised.ts";
import { ANYWHERE, covers, rulePeerKey } from "./rule-peers.ts";

const ANYONE: readonly RulePeer[] = [{ kind: "anyone" }];

/**
 * Whom the server has to let in. The API server and nodes have no addresses to rely on, and plugins that match no node
 * by its address let them in by a rule for anyone only.
 *
 * @param podsPeer undefined for a workload that no label names
 * @returns nobody when there is no way to say it
 */
export function clientPeers(
  { traffic, client }: Promised,
  podsPeer: (workload: WorkloadKey) => RulePeer | undefined,
): readonly RulePeer[] {
  switch (traffic.client.kind) {
    case "workload": {
      const peer = client === undefined ? undefined : podsPeer(client);
      return peer === undefined ? [] : [peer];
    }
    case "outside":
      return ANYWHERE;
    case "api-server":
    case "nodes":
    case "outside-or-nodes":
    case "unknown":
      return ANYONE;
  }
}

/** True when what is allowed already lets all these peers through on the traffic's port. */
export function letThrough(
  peers: readonly RulePeer[],
  { protocol, port }: InferredTraffic,
  needs: readonly Need[],
): boolean {
  const samePort = needs.filter((need) => need.port.protocol === protocol && need.port.port === port);
  return (
    peers.length > 0 &&
    peers.every((peer) =>
      samePort.some((need) => rulePeerKey(need.peer) === rulePeerKey(peer) || covers(need.peer, peer)),
    )
  );
}

/** Control planes apart from the nodes reach pods by way of these (kubernetes.io, "Konnectivity service"). */
const KONNECTIVITY = "kube-system/konnectivity-agent";

/**
 * True when a client of the promised sort was seen, and what was seen of it is allowed. Other addresses of the same
 * sort may still be cut: the findings about addresses in rules say so.
 */
export function isSeen({ traffic, server }: Promised, direction: Direction, needs: readonly Need[]): boolean {
  if (direction === "egress") return false;
  return needs.some(
    ({ because, port }) =>
      port.protocol === traffic.protocol &&
      port.port === traffic.port &&
      because.some((edge) => {
        const isServer = edge.server.kind === "workload" && edge.server.workload === server;
        return isServer && isOfSort(traffic.client.kind, edge.client);
      }),
  );
}

/** Entities whose addresses are nodes'. */
const NODES: ReadonlySet<string> = new Set(["ingress", "kube-apiserver", "remote-node"]);

function isOfSort(sort: InferredTraffic["client"]["kind"], peer: Peer): boolean {
  switch (sort) {
    case "api-server":
      return peer.kind === "entity"
        ? peer.entity === "kube-apiserver"
        : peer.kind === "workload" && peer.workload === KONNECTIVITY;
    case "outside":
      return peer.kind === "external";
    case "outside-or-nodes":
      return peer.kind === "external" || (peer.kind === "entity" && NODES.has(peer.entity));
    case "nodes":
      return peer.kind === "entity" && NODES.has(peer.entity);
    case "unknown":
    case "workload":
      return false;
  }
}
