import { addDecisions, DECISIONS_FILE } from "../gitops/manners/decisions.ts";
import { connectionEvidence, isIn, requestEvidence } from "../gitops/plan/evidence.ts";
import { fingerprintOf } from "../gitops/plan/fingerprint.ts";
import { objectId } from "../gitops/plan/own-objects.ts";
import type { PlannedUnit } from "../gitops/plan/plan.ts";
import { risksOf } from "../gitops/plan/risks.ts";
import { by } from "../lib/sort.ts";
import type { SuggestedRole } from "../model/access-policy.ts";
import type { ProposedManifest } from "../model/placement.ts";
import type { Decision, Effect, PictureEdge, Proposal, ProposedEvidence } from "../model/proposal.ts";
import type { FileChange } from "../model/repository.ts";
import type { Suggestion } from "../pipeline.ts";
import { accessConfidence, confidenceOf } from "./confidence.ts";
import type { ProposalContext } from "./context.ts";
import { decisionsOn, decisionsOnRequests } from "./decided.ts";

/** A unit as it is shown to people, with what is written down of their decisions. */
export function proposalOf(planned: PlannedUnit, effect: Effect, context: ProposalContext): Proposal {
  const { unit, branch, files, refused, check } = planned;
  const { suggestion } = context;
  const recorded = context.pending.filter((each) => each.branch === branch).map(({ decision }) => decision);
  const changes = withDecisions(planned.changes, recorded, context);
  const manifests = files.flatMap((file) => file.manifests);
  const roles = rolesIn(manifests, suggestion);
  const hasPolicies = manifests.some(({ kind }) => kind === "NetworkPolicy");
  const connections = hasPolicies
    ? connectionEvidence(unit.namespace, suggestion.graph.edges, suggestion.policies.inferred)
    : [];
  const decisions = [
    ...decisionsAbout(unit.namespace, context),
    ...(roles.length > 0 ? decisionsOnRequests(unit.namespace, context) : []),
  ];
  return {
    unit,
    branch,
    fingerprint: fingerprintOf({ files, changes, decisions }),
    changes,
    files,
    effect,
    evidence: [...connections, ...requestEvidence(roles)],
    risks: risksOf(manifests, roles, effect),
    confidence: hasPolicies ? confidenceOf(unit.namespace, context) : accessConfidence(context),
    findings: findingsAbout(unit.namespace, context),
    decisions,
    ...(recorded.length === 0 ? {} : { recorded }),
    check,
    refused,
    picture: pictureOf(connections, effect),
  };
}

/** What to look at twice once a unit has this effect. */
export function unitRisks({ files }: PlannedUnit, effect: Effect, { suggestion }: ProposalContext): Proposal["risks"] {
  const manifests = files.flatMap((file) => file.manifests);
  return risksOf(manifests, rolesIn(manifests, suggestion), effect);
}

/** What readers ticked is written down where it is dropped, so that it lasts. */
function withDecisions(
  changes: readonly FileChange[],
  recorded: readonly Decision[],
  { base: { repository } }: ProposalContext,
): readonly FileChange[] {
  if (recorded.length === 0) return changes;
  const before = repository.files.get(DECISIONS_FILE)?.text;
  const text = addDecisions(before, recorded);
  const change = { kind: "write", path: DECISIONS_FILE, text, before, owner: "person" } as const;
  return text === before ? changes : [...changes, change].toSorted(by(({ path }) => path));
}

function rolesIn(manifests: readonly ProposedManifest[], { accessSuggestion }: Suggestion): readonly SuggestedRole[] {
  const written = new Set(manifests.map(objectId));
  return (accessSuggestion?.policies.roles ?? []).filter(({ kind, namespace, name }) =>
    written.has(`${kind} ${namespace}/${name}`),
  );
}

function decisionsAbout(namespace: string, context: ProposalContext): readonly Decision[] {
  const { edges } = context.observed;
  return decisionsOn(
    edges.filter(({ client, server }) => isIn(client, namespace) || isIn(server, namespace)),
    context,
  );
}

function findingsAbout(namespace: string, { suggestion }: ProposalContext): Proposal["findings"] {
  const all = [
    ...suggestion.findings,
    ...suggestion.policies.findings,
    ...(suggestion.accessSuggestion?.policies.findings ?? []),
  ];
  return all.filter(({ about }) => about === undefined || about === namespace || about.startsWith(`${namespace}/`));
}

function pictureOf(connections: readonly ProposedEvidence[], { allowed, cut }: Effect): readonly PictureEdge[] {
  const opened = new Set(allowed.map(({ from, to }) => JSON.stringify([from, to])));
  return [
    ...connections.map(({ from, to, port }): PictureEdge => {
      return { from, to, label: port, kind: opened.has(JSON.stringify([from, to])) ? "allowed" : "kept" };
    }),
    ...cut.map(({ from, to, port }): PictureEdge => ({ from, to, label: port, kind: "forbidden" })),
  ];
}
