import type { KnownWorkloads } from "../../model/directory.ts";
import type { InferredTraffic, WorkloadName } from "../../model/inferred.ts";
import { isLabelledOurs } from "../../model/labels.ts";
import type { NetworkPolicy } from "../../model/manifest.ts";
import type { CompiledPod } from "../network/compile.ts";
import { evaluateConnection } from "../network/evaluate.ts";
import { portMatches } from "../network/match.ts";
import type { CompiledRule } from "../network/policy.ts";
import { presentParts } from "../network/present.ts";
import { problemsOf } from "../network/problems.ts";
import type { Direction } from "../network/verdict.ts";
import type { PodReference } from "../network/world.ts";
import { buildReplayWorld, type ReplayFacts, type ReplayWorld } from "./replay.ts";

/**
 * Finds the directions in which a policy in force has a rule that lets promised traffic through: whatever isolates the
 * pods besides, it passes there (rule 4). Policies that netlearn wrote are left out, since new ones take their place.
 */
export function promisesInForce(
  traffic: readonly InferredTraffic[],
  policies: readonly NetworkPolicy[],
  known: KnownWorkloads,
  facts: ReplayFacts,
): ReadonlyMap<InferredTraffic, readonly Direction[]> {
  const kept = policies
    .filter((policy) => problemsOf(policy).length === 0 && !isLabelledOurs(policy))
    .map(presentParts);
  if (kept.length === 0 || traffic.length === 0) return new Map();
  const workloads = [...known].map(([key, { namespace, name, kind, labels, serviceAccount }]) => {
    return { key, cluster: undefined, namespace, name, kind, labels, serviceAccount };
  });
  const world = buildReplayWorld({ workloads, edges: [] }, kept, facts);
  const podOf = new Map(
    [...known].flatMap(([key, workload]) => {
      const pod = world.podOf.get(key);
      return pod === undefined ? [] : [[nameText(workload), pod] as const];
    }),
  );
  const found = traffic.map((one) => [one, allowedDirections(world, one, podOf)] as const);
  return new Map(found.filter(([, directions]) => directions.length > 0));
}

function nameText({ namespace, kind, name }: WorkloadName): string {
  return JSON.stringify([namespace, kind, name]);
}

function allowedDirections(
  { compiled }: ReplayWorld,
  traffic: InferredTraffic,
  podOf: ReadonlyMap<string, PodReference>,
): readonly Direction[] {
  const { client, protocol, port } = traffic;
  const to = podOf.get(nameText(traffic.server));
  if (to === undefined) return [];
  if (client.kind !== "workload") {
    const pod = compiled.pods.get(`${to.namespace}/${to.name}`);
    return pod !== undefined && mayComeIn(pod, traffic) ? ["ingress"] : [];
  }
  const from = podOf.get(nameText(client.workload));
  if (from === undefined) return [];
  const verdict = evaluateConnection(compiled, { from, to, protocol, port });
  return (["ingress", "egress"] as const).filter((direction) => verdict[direction].allowedBy.length > 0);
}

/**
 * True when a rule that isolates a pod may let a client in whose address nobody knows: one for everybody, or one with a
 * block, which may hold it. Somebody unknown may be a pod as well, so that any rule may be meant.
 */
export function mayComeIn(pod: CompiledPod, traffic: InferredTraffic): boolean {
  const rules = pod.isolatedBy.ingress.flatMap((policy) => policy.rules.ingress ?? []);
  const open = rules.filter((rule) => isForPort(rule, pod, traffic));
  if (traffic.client.kind === "unknown") return open.length > 0;
  return open.some(({ peers }) => peers.length === 0 || peers.some(({ kind }) => kind === "block"));
}

function isForPort({ ports }: CompiledRule, pod: CompiledPod, { protocol, port }: InferredTraffic): boolean {
  const server = { kind: "pod", text: pod.id, addresses: [], pod } as const;
  return ports.length === 0 || ports.some((entry) => portMatches(entry, protocol, port, server));
}
