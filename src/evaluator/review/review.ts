import type { CheckFinding } from "../../model/check-finding.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { Difference } from "../difference/difference.ts";
import type { ProfileName } from "../network/profile.ts";
import { blockFindings } from "./blocks.ts";
import { changeFindings } from "./changes.ts";
import { dnsFindings } from "./dns.ts";
import { labelChangeFindings } from "./label-changes.ts";
import { observedFindings } from "./observed.ts";
import { pluginLimitFindings } from "./plugin-limits.ts";
import { policyTypeFindings, refusedPolicies, rulesOf } from "./policies.ts";
import { namedPortFindings } from "./ports.ts";
import { promiseFindings } from "./promises.ts";
import { peerFindings, selectionOf, subjectFindings } from "./selectors.ts";
import { shadowedRules, swallowedBlocks } from "./shadowed.ts";
import type { ReviewWorld } from "./world.ts";

/** What is to be reviewed. */
export interface ReviewInput {
  readonly head: ReviewWorld;
  /** Where a change begins; undefined: what lies there is reviewed as a whole. */
  readonly base: { readonly world: ReviewWorld; readonly difference: Difference } | undefined;
  /** What was seen; undefined when no flows were given. */
  readonly graph: Pick<CommunicationGraph, "edges" | "workloads"> | undefined;
  readonly profile: ProfileName;
}

/** What a review came to. */
export interface Review {
  readonly findings: readonly CheckFinding[];
  /** Warnings and notes that the base has too, left out: they are not about the change. */
  readonly known: number;
  /** Observed edges that were replayed; undefined without flows. */
  readonly replayed: number | undefined;
}

/**
 * What a careful reviewer would say about policies, or about a change of them. Equal input in any order gives equal
 * findings, in no particular order.
 */
export function review({ head, base, graph, profile }: ReviewInput): Review {
  const own = lint(head, graph, profile);
  const old = new Set(base === undefined ? [] : lint(base.world, graph, profile).map(({ identity }) => identity));
  const isNew = ({ severity, identity }: CheckFinding): boolean => severity === "error" || !old.has(identity);
  const observed = graph && observedFindings(graph, head, base?.world);
  const changes =
    base === undefined
      ? []
      : [
          ...labelChangeFindings(base.world, head),
          ...changeFindings(base.difference, { base: base.world, head, graph }),
        ];
  const kept = own.filter(isNew);
  return {
    findings: [...(observed?.findings ?? []), ...changes, ...kept],
    known: own.length - kept.length,
    replayed: observed?.replayed,
  };
}

function lint(world: ReviewWorld, graph: ReviewInput["graph"], profile: ProfileName): readonly CheckFinding[] {
  const selection = selectionOf(world);
  return [
    ...refusedPolicies(world),
    ...world.policies.flatMap((policy) => [
      ...policyTypeFindings(policy),
      ...subjectFindings(policy, selection),
      ...swallowedBlocks(policy),
      ...rulesOf(policy).flatMap((rule) => [...peerFindings(rule, selection), ...namedPortFindings(rule, selection)]),
    ]),
    ...shadowedRules(world.policies, profile),
    ...blockFindings(world, graph, profile),
    ...dnsFindings(world, graph),
    ...promiseFindings(world, graph),
    ...pluginLimitFindings(world, selection, profile),
  ];
}
