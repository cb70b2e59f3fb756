import { completenessOf, edgesOfNamespace } from "../confidence/index.ts";
import type { Completeness } from "../model/completeness.ts";
import type { ProposalConfidence } from "../model/proposal.ts";
import type { ProposalContext } from "./context.ts";

/** How sure it is that the window showed all connections of a namespace. */
export function confidenceOf(namespace: string, { observed, cluster }: ProposalContext): ProposalConfidence {
  const { window, facts } = observed;
  const completeness = completenessOf(observed, edgesOfNamespace(namespace));
  const unseen = [
    ...(facts.unavailableNodes.length === 0 ? [] : [`${facts.unavailableNodes.length} nodes did not answer.`]),
    ...(facts.lostEvents === 0 ? [] : [`${facts.lostEvents} flows were lost before they could be read.`]),
    ...(facts.gaps.length === 0 ? [] : [`Records are missing in ${facts.gaps.length} places of the topics.`]),
    ...(cluster === undefined
      ? ["No objects of the cluster were read: policies of people counted for nothing here."]
      : []),
    "Pods in their node's network are not kept in by NetworkPolicies, and were not judged.",
  ];
  return { window, completeness, expectedCuts: cutsPerWeek(completeness), unseen };
}

/** Of the audit log, all of it: roles are for whoever used the API, whatever the namespace. */
export function accessConfidence({ suggestion: { access, accessSuggestion } }: ProposalContext): ProposalConfidence {
  const completeness = accessSuggestion?.completeness;
  return {
    window: access.window,
    completeness,
    expectedCuts: undefined,
    unseen: (accessSuggestion?.blindSpots ?? []).map(
      ({ because, what }) => `${because}: ${what.slice(0, 5).join(", ")}${what.length > 5 ? " and more" : ""}`,
    ),
  };
}

/** Connections nobody saw yet and that are to be expected in a week: those would be cut. Undefined: nothing tells. */
export function cutsPerWeek({
  estimate,
  unit,
}: Pick<Completeness, "estimate" | "unit">): ProposalConfidence["expectedCuts"] {
  if (estimate === undefined || estimate.horizon === 0) return undefined;
  const perWeek = (unit === "day" ? 7 : 7 * 24) / estimate.horizon;
  const { expected, low, high } = estimate;
  return { perWeek: expected * perWeek, low: low * perWeek, high: high * perWeek };
}
