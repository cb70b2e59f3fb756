import type { Workload } from "../../model/graph.ts";
import type { WorkloadKey } from "../../model/peer.ts";
import type { CompiledNetworkWorld, CompiledPod } from "../network/compile.ts";
import type { End } from "../network/end.ts";
import { peerMatches } from "../network/match.ts";
import type { CompiledPeer, CompiledPolicy, CompiledRule } from "../network/policy.ts";
import type { Direction } from "../network/verdict.ts";
import type { PodReference } from "../network/world.ts";
import type { ReplayWorld } from "./replay.ts";

/** Workloads that no policy of the world tells apart. */
export interface WorkloadClass {
  /** Sorted, never empty. */
  readonly workloads: readonly WorkloadKey[];
  /** Pods of the first workload; the second stands for any other pod of the class. */
  readonly pod: PodReference;
  readonly secondPod: PodReference;
  readonly compiled: CompiledPod;
}

/** The classes of a world and who matches what. */
export interface ClassIndex {
  /** Sorted by their first workload. */
  readonly classes: readonly WorkloadClass[];
  /** The classes a rule of a policy in `namespace` matches; all of them when it names no peers. */
  matched(rule: CompiledRule, namespace: string): readonly WorkloadClass[];
}

/** Sorts the workloads into classes: equal policies isolate them, equal peers match them, equal ports have names. */
export function classify(world: ReplayWorld, workloads: readonly Workload[]): ClassIndex {
  const peersFor = peersByNamespace(distinctPeers(world.compiled));
  const found = new Map<string, WorkloadClass & { readonly workloads: WorkloadKey[] }>();
  const byPeer = new Map<string, WorkloadClass[]>();
  for (const key of workloads.map((workload) => workload.key).toSorted()) {
    const stand = standIn(world, key);
    if (stand === undefined) {
      continue;
    }
    const candidates = peersFor(stand.compiled);
    const matched = candidates.filter(({ peer, namespace }) =>
      matches(world.compiled, stand.compiled, peer, namespace),
    );
    const signature = signatureOf(stand.compiled, matched);
    const known = found.get(signature);
    known?.workloads.push(key);
    if (known === undefined) {
      const made = { ...stand, workloads: [key] };
      found.set(signature, made);
      for (const { id } of matched) {
        byPeer.set(id, [...(byPeer.get(id) ?? []), made]);
      }
    }
  }
  const classes = [...found.values()];
  return {
    classes,
    matched: (rule, namespace) =>
      rule.peers.length === 0
        ? classes
        : [...new Set(rule.peers.flatMap((peer) => byPeer.get(peerId(peer, namespace)) ?? []))],
  };
}

function standIn(world: ReplayWorld, key: WorkloadKey): Omit<WorkloadClass, "workloads"> | undefined {
  const pod = world.podOf.get(key);
  const secondPod = world.secondPodOf.get(key);
  const compiled = pod && world.compiled.pods.get(`${pod.namespace}/${pod.name}`);
  return pod && secondPod && compiled && { pod, secondPod, compiled };
}

function signatureOf({ isolatedBy, ports }: CompiledPod, matched: readonly DistinctPeer[]): string {
  const policies = [isolatedBy.ingress, isolatedBy.egress].map((selecting) => selecting.map(({ id }) => id));
  return JSON.stringify([policies, matched.map(({ id }) => id), ports]);
}

function matches(world: CompiledNetworkWorld, pod: CompiledPod, peer: CompiledPeer, namespace: string): boolean {
  const end: End = { kind: "pod", text: pod.id, addresses: pod.addresses, pod };
  return peerMatches(peer, namespace, end, world.profile) === "yes";
}

/** Most peers name one namespace: whether they can match is asked once a namespace, not once a workload. */
function peersByNamespace(peers: readonly DistinctPeer[]): (pod: CompiledPod) => readonly DistinctPeer[] {
  const known = new Map<string, readonly DistinctPeer[]>();
  return ({ namespace, namespaceLabels }) => {
    const found = known.get(namespace) ?? peers.filter((one) => reaches(one, namespace, namespaceLabels));
    known.set(namespace, found);
    return found;
  };
}

function reaches(
  { peer, namespace: own }: DistinctPeer,
  namespace: string,
  labels: CompiledPod["namespaceLabels"],
): boolean {
  if (peer.kind === "block") return true;
  return peer.namespaces === undefined ? own === namespace : peer.namespaces(labels);
}

interface DistinctPeer {
  readonly id: string;
  readonly peer: CompiledPeer;
  /** Of the policy it stands in. */
  readonly namespace: string;
}

function distinctPeers(world: CompiledNetworkWorld): readonly DistinctPeer[] {
  const found = new Map<string, DistinctPeer>();
  for (const { namespace, rules } of allPolicies(world)) {
    for (const peer of [...(rules.ingress ?? []), ...(rules.egress ?? [])].flatMap((rule) => rule.peers)) {
      const id = peerId(peer, namespace);
      found.set(id, { id, peer, namespace });
    }
  }
  return [...found.values()];
}

function peerId(peer: CompiledPeer, namespace: string): string {
  if (peer.kind === "block") return JSON.stringify(peer);
  // A peer that names its namespaces matches the same pods wherever its policy stands.
  return peer.namespaces === undefined ? `${namespace} ${peer.key}` : peer.key;
}

function allPolicies(world: CompiledNetworkWorld): readonly CompiledPolicy[] {
  return [...world.policies.values()].flat();
}

/** The rules that policies selecting the class have in a direction, each with its policy and that one's namespace. */
export function rulesFor(
  { compiled }: WorkloadClass,
  direction: Direction,
): readonly { readonly rule: CompiledRule; readonly namespace: string; readonly policy: string }[] {
  return compiled.isolatedBy[direction].flatMap(({ id, rules, namespace }) =>
    (rules[direction] ?? []).map((rule) => ({ rule, namespace, policy: id })),
  );
}
