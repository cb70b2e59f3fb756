import type { CommunicationGraph } from "../../model/graph.ts";
import type { NetworkPolicy } from "../../model/manifest.ts";
import type { WorkloadKey } from "../../model/peer.ts";
import type { InferredOutcome } from "../../model/policy-set.ts";
import type { Proof } from "../../model/proof.ts";
import { policyId } from "../network/policy.ts";
import { presentParts } from "../network/present.ts";
import { problemsOf } from "../network/problems.ts";
import type { Direction } from "../network/verdict.ts";
import { type ProofOptions, prove } from "../proof.ts";
import { buildReplayWorld } from "./replay.ts";

/** A workload that policies in force isolate already: what they refused can't have been seen. */
export interface IsolatedAlready {
  readonly workload: WorkloadKey;
  readonly direction: Direction;
  /** `namespace/name`, sorted. */
  readonly policies: readonly string[];
}

/** What policies in force mean for the traffic that was seen and for policies that are to stand beside them. */
export interface InForce {
  /** Sorted by workload and direction. */
  readonly isolated: readonly IsolatedAlready[];
  /** Edges that were seen although the policies in force refuse them, and the new ones change nothing about it. */
  readonly refused: Proof["cut"];
  /** What rules of the new policies let through, and a policy in force refuses all the same. */
  readonly promised: Proof["promised"]["refused"];
  /** What old and new policies together let through and nobody used. */
  readonly unused: Proof["unused"];
  /** Policies that the API server would not take, with its reasons: they are in force nowhere. */
  readonly invalid: readonly { readonly policy: string; readonly problems: readonly string[] }[];
}

/**
 * Judges policies together with those in force. One that a new policy of the same name replaces is left out.
 *
 * @param generated policies that pass {@link prove} alone: an edge that is cut here is cut by what is in force
 */
export function judgeInForce(
  graph: Pick<CommunicationGraph, "workloads" | "edges">,
  generated: readonly NetworkPolicy[],
  inForce: readonly NetworkPolicy[],
  options: ProofOptions,
): InForce {
  const replaced = new Set(generated.map(policyId));
  const judged = inForce.map((policy) => ({ policy, problems: problemsOf(policy) }));
  const valid = judged.filter(({ problems }) => problems.length === 0).map(({ policy }) => presentParts(policy));
  const kept = valid.filter((policy) => !replaced.has(policyId(policy)));
  const inferred = (options.inferred ?? []).map(inAllDirections);
  const { cut, promised, unused } = prove(graph, [...kept, ...generated], { ...options, inferred });
  return {
    isolated: isolatedBy(graph, kept, options),
    refused: cut,
    promised: promised.refused,
    unused,
    invalid: judged
      .filter(({ problems }) => problems.length > 0)
      .map(({ policy, problems }) => ({ policy: policyId(policy), problems })),
  };
}

/** A rule at one end is of no use where a policy in force closes the other. */
function inAllDirections(outcome: InferredOutcome): InferredOutcome {
  const { outcome: kind, client } = outcome;
  return kind === "allowed" && client !== undefined ? { ...outcome, directions: ["ingress", "egress"] } : outcome;
}

function isolatedBy(
  graph: Pick<CommunicationGraph, "workloads" | "edges">,
  policies: readonly NetworkPolicy[],
  options: ProofOptions,
): readonly IsolatedAlready[] {
  const { compiled, podOf } = buildReplayWorld(graph, policies, options);
  return [...podOf].flatMap(([workload, { namespace, name }]) => {
    const isolation = compiled.pods.get(`${namespace}/${name}`)?.isolatedBy;
    return (["ingress", "egress"] as const).flatMap((direction) => {
      const selecting = isolation?.[direction].map(({ id }) => id) ?? [];
      return selecting.length === 0 ? [] : [{ workload, direction, policies: selecting.toSorted() }];
    });
  });
}
