import type { Edge, Workload } from "../../model/graph.ts";
import type { NetworkPolicy } from "../../model/manifest.ts";
import type { Peer, WorkloadKey } from "../../model/peer.ts";
import { addressKey, parseAddress } from "../network/address.ts";
import { type CompiledNetworkWorld, compileNetworkWorld } from "../network/compile.ts";
import type { ProfileName } from "../network/profile.ts";
import type { ContainerPort, NetworkWorld, PodReference, WorldNamespace, WorldPod } from "../network/world.ts";

/** A world in which two pods stand for each workload: enough for every edge, also one between replicas. */
export interface ReplayWorld {
  readonly compiled: CompiledNetworkWorld;
  readonly podOf: ReadonlyMap<WorkloadKey, PodReference>;
  readonly secondPodOf: ReadonlyMap<WorkloadKey, PodReference>;
}

/** Addresses of no pod: whoever may be anywhere is asked about as each of them. */
export interface StandIns {
  /** Of a node on which no pod of the world runs. */
  readonly node: string;
  /** One of each family. */
  readonly outside: readonly string[];
}

/** What is known of the cluster beyond the graph; all of it may be left out. */
export interface ReplayFacts {
  /** Default `cilium`, whose flow logs netlearn reads. */
  readonly profile?: ProfileName;
  /** Labels of namespaces; `kubernetes.io/metadata.name` is there without them. */
  readonly namespaces?: readonly WorldNamespace[];
  /** Container ports by workload, to look named ports up; without them a named port opens nothing. */
  readonly containerPorts?: ReadonlyMap<WorkloadKey, readonly ContainerPort[]>;
}

const SECOND = " (another pod)";

/** The workload for which a pod of a replay world stands. @param pod `namespace/name` */
export function workloadOfPod(pod: string): WorkloadKey {
  return pod.endsWith(SECOND) ? pod.slice(0, -SECOND.length) : pod;
}

/** Builds the world the edges are replayed in. */
export function buildReplayWorld(
  graph: { readonly workloads: readonly Workload[]; readonly edges: readonly Edge[] },
  policies: readonly NetworkPolicy[],
  facts: ReplayFacts,
): ReplayWorld & { readonly world: NetworkWorld; readonly standIns: StandIns } {
  const nextAddress = syntheticAddresses(graph.edges);
  const podOf = new Map<WorkloadKey, PodReference>();
  const secondPodOf = new Map<WorkloadKey, PodReference>();
  const pods: WorldPod[] = [];
  for (const { key, namespace, labels } of graph.workloads) {
    const name = key.slice(key.indexOf("/") + 1);
    const ports = facts.containerPorts?.get(key) ?? [];
    const shared = { namespace, labels, hostNetwork: false, ports };
    const second = name + SECOND;
    pods.push({ ...shared, name, ips: [nextAddress()] }, { ...shared, name: second, ips: [nextAddress()] });
    podOf.set(key, { namespace, name });
    secondPodOf.set(key, { namespace, name: second });
  }
  const standIns = { node: nextAddress(), outside: [nextAddress(), OUTSIDE_V6] };
  const nodes = [{ name: "(any node)", ips: [standIns.node] }];
  const world = { namespaces: facts.namespaces ?? [], pods, policies, nodes };
  return { compiled: compileNetworkWorld(world, facts.profile ?? "cilium"), podOf, secondPodOf, world, standIns };
}

/** Of the discard prefix (RFC 6666), where nobody is. */
const OUTSIDE_V6 = "100::1";

/**
 * Addresses for pods, out of 240.0.0.0/4, where no cluster has any: only a block that means every address may match
 * them. Those that an edge shows are passed over.
 */
function syntheticAddresses(edges: readonly Edge[]): () => string {
  const taken = new Set(edges.flatMap(({ client, server }) => [addressText(client), addressText(server)]));
  let next = 240 * 2 ** 24;
  return () => {
    let text: string;
    do {
      next++;
      text = [24, 16, 8, 0].map((shift) => (next >>> shift) & 0xff).join(".");
    } while (taken.has(text));
    return text;
  };
}

function addressText(peer: Peer): string | undefined {
  const text = peer.kind === "workload" ? undefined : peer.address;
  const address = text === undefined ? undefined : parseAddress(text);
  return address && addressKey(address);
}
