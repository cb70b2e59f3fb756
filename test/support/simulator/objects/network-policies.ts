import { matches, selectorOf } from "../services.ts";
import { findWorkload, type Peer, type SimProtocol, simPeerName, type Workload, type World } from "../world.ts";
import { type Moment, metaOf } from "./moment.ts";
import type { KubeObject } from "./object.ts";

type Side = "ingress" | "egress";

const ANY_NODE: Peer = { kind: "entity", entity: "host", address: undefined };

/** Pods of another cluster of the mesh. */
const ELSEWHERE = "10.245.0.0/16";

function host(address: string): string {
  return `${address}/${address.includes(":") ? 128 : 32}`;
}

/** The directions that policies close: where the world says so, and where it has an attempt refused. */
export function isolatedSides(world: World, workload: Workload): Side[] {
  const { namespace, name } = workload;
  const isHere = (peer: Peer): boolean =>
    peer.kind === "workload" && peer.namespace === namespace && peer.name === name;
  const refuses = (side: Side): boolean =>
    world.denied.some((one) => one.at === side && isHere(side === "ingress" ? one.server : one.client));
  return (["ingress", "egress"] as const).filter((side) => workload.isolated[side] || refuses(side));
}

/** Addresses that stand for an entity; NetworkPolicy has no other word for one. */
function entityBlocks(world: World, entity: string): string[] {
  const { nodes } = world;
  switch (entity) {
    case "kube-apiserver":
      return nodes.filter((node) => node.controlPlane).map((node) => host(node.ip));
    case "ingress":
      return nodes.map((node) => host(node.ingressIp));
    case "health":
      return nodes.map((node) => host(node.healthIp));
    case "other-cluster":
      return [ELSEWHERE];
    default:
      return nodes.flatMap((node) => [host(node.ip), host(node.ciliumIp)]);
  }
}

function blocks(cidrs: readonly string[]): object[] {
  return cidrs.map((cidr) => ({ ipBlock: { cidr } }));
}

/** A peer as a NetworkPolicy says it. */
function policyPeers(world: World, peer: Peer): object[] {
  switch (peer.kind) {
    case "external":
      return blocks([host(peer.address)]);
    case "entity":
      return blocks(entityBlocks(world, peer.entity));
    case "workload": {
      const workload = findWorkload(world, peer);
      if (workload.hostNetwork === true) return blocks(entityBlocks(world, "host"));
      return [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": peer.namespace } },
          podSelector: { matchLabels: selectorOf(world, workload) },
        },
      ];
    }
  }
}

interface Allowed {
  readonly peer: Peer;
  readonly protocol: SimProtocol;
  readonly port: number;
}

/** What the edges of the pods that the selector picks need in a direction, each once, sorted. */
function neededBy(world: World, workload: Workload, side: Side): Allowed[] {
  const selector = selectorOf(world, workload);
  const isPicked = (peer: Peer): boolean =>
    peer.kind === "workload" &&
    peer.namespace === workload.namespace &&
    matches(selector, findWorkload(world, peer).labels);
  const needed = new Map<string, Allowed>();
  const need = (one: Allowed): unknown => needed.set(`${simPeerName(one.peer)} ${one.protocol} ${one.port}`, one);
  for (const { client, server, protocol, port, via } of world.edges) {
    if (!isPicked(side === "ingress" ? server : client)) continue;
    need({ peer: side === "ingress" ? client : server, protocol, port });
    // What comes in by a NodePort may come from any node, and goes out to any.
    if (via === "node-port") need({ peer: ANY_NODE, protocol, port });
  }
  return [...needed].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function rulesOf(world: World, workload: Workload, side: Side): object[] {
  return neededBy(world, workload, side).map(({ peer, protocol, port }) => ({
    [side === "ingress" ? "from" : "to"]: policyPeers(world, peer),
    ports: [{ protocol, port }],
  }));
}

/** The policy that isolates a workload and lets its edges through, named as the agents' verdicts name it. */
export function networkPolicyObjects(moment: Moment, workload: Workload): KubeObject[] {
  const { world } = moment;
  const sides = isolatedSides(world, workload);
  if (sides.length === 0) return [];
  const { namespace, name } = workload;
  return [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { ...metaOf(moment, "NetworkPolicy", { namespace, name: `${name}-allow` }), generation: 1 },
      spec: {
        podSelector: { matchLabels: selectorOf(world, workload) },
        policyTypes: sides.map((side) => (side === "ingress" ? "Ingress" : "Egress")),
        ...Object.fromEntries(sides.map((side) => [side, rulesOf(world, workload, side)])),
      },
    },
  ];
}
