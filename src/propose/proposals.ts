import { completenessOf, edgesOfNamespace } from "../confidence/index.ts";
import { Authorizer } from "../evaluator/access/authorizer.ts";
import { NO_EFFECT, networkEffect } from "../evaluator/effect/network-effect.ts";
import type { ReplayFacts } from "../evaluator/proof.ts";
import { addDecisions, DECISIONS_FILE } from "../gitops/manners/decisions.ts";
import type { PendingDecision } from "../gitops/manners/recorded.ts";
import { accessEffect } from "../gitops/plan/access-effect.ts";
import { branchOf } from "../gitops/plan/branch.ts";
import { connectionEvidence, isIn, requestEvidence } from "../gitops/plan/evidence.ts";
import { fingerprintOf } from "../gitops/plan/fingerprint.ts";
import { objectId } from "../gitops/plan/own-objects.ts";
import type { Plan, PlannedUnit } from "../gitops/plan/plan.ts";
import { risksOf } from "../gitops/plan/risks.ts";
import type { KnownCluster } from "../inventory/known-cluster.ts";
import { identified } from "../lib/identified.ts";
import { by } from "../lib/sort.ts";
import type { SuggestedRole } from "../model/access-policy.ts";
import type { Completeness } from "../model/completeness.ts";
import type { CommunicationGraph } from "../model/graph.ts";
import type { NetworkPolicy } from "../model/manifest.ts";
import type { ProposedManifest } from "../model/placement.ts";
import {
  connectionWords,
  type Decision,
  type Effect,
  type PictureEdge,
  type Proposal,
  type ProposalConfidence,
  type ProposedEvidence,
  STAGES,
} from "../model/proposal.ts";
import type { RbacSubject } from "../model/rbac.ts";
import type { FileChange, Repository } from "../model/repository.ts";
import { accountUsername } from "../model/service-account.ts";
import type { Suggestion } from "../pipeline.ts";
import { decisionsOn } from "./decided.ts";

/** What a proposal's meaning is worked out from. */
export interface ProposalContext {
  readonly suggestion: Suggestion;
  readonly cluster: KnownCluster | undefined;
  /** What was seen, rejected connections included. */
  readonly observed: CommunicationGraph;
  readonly decisions: readonly Decision[];
  /** Those of them that the base does not have yet. */
  readonly pending: readonly PendingDecision[];
  readonly base: { readonly repository: Repository; readonly branch: string };
  /** As the units have it. */
  readonly clusterName: string;
}

/**
 * What each unit means for those who run there. Units that need a person first are left out. What readers decided is written
 * down where they ticked it, also where nothing else is left to do: those come last.
 */
export function proposalsOf(plan: Plan, context: ProposalContext): readonly Proposal[] {
  const world = worldOf(plan, context);
  const proposals = plan.units.flatMap((unit) => {
    if (unit.changes.length === 0) return [];
    const effect = effectOf(unit, world, context);
    return isIdle(unit, effect) ? [] : [proposalOf(unit, effect, context)];
  });
  const written = new Set(proposals.map(({ branch }) => branch));
  const alone = decidedUnits(plan, context).filter(({ branch }) => !written.has(branch));
  const recording = alone.map((unit) => proposalOf(unit, effectOf(unit, world, context), context));
  return [...proposals, ...recording.filter(({ changes }) => changes.length > 0)];
}

/** Units on whose branches something was decided, as if nothing else were to be done. */
function decidedUnits({ namespaces }: Plan, { base, clusterName, pending }: ProposalContext): readonly PlannedUnit[] {
  const decided = new Set(pending.map(({ branch }) => branch));
  const units = namespaces.flatMap((namespace) =>
    STAGES.map((stage) => ({ base: base.branch, cluster: clusterName, namespace, stage })),
  );
  return units
    .map((unit) => ({ ...NOTHING_PLANNED, unit, branch: branchOf(unit) }))
    .filter(({ branch }) => decided.has(branch));
}

const NOTHING_PLANNED = {
  changes: [],
  files: [],
  refused: [],
  check: { by: [], differences: [], unsure: [] },
  removed: [],
  placed: { places: [], removed: new Set<string>() },
} as const;

/** A first step that lets nobody in: what it would write comes with the next one. */
function isIdle({ unit, files, refused }: PlannedUnit, { allowed, cut }: Effect): boolean {
  const isNetwork = files.every(({ manifests }) => manifests.every(({ kind }) => kind === "NetworkPolicy"));
  return unit.stage === "widen" && isNetwork && allowed.length === 0 && cut.length === 0 && refused.length === 0;
}

interface World {
  readonly graph: Pick<CommunicationGraph, "workloads" | "edges">;
  readonly facts: ReplayFacts;
  /** Of people. */
  readonly others: readonly NetworkPolicy[];
  /** Of ours, as they stand in the repository. */
  readonly standing: readonly ProposedManifest[];
}

function worldOf({ standing }: Plan, { suggestion, cluster, observed }: ProposalContext): World {
  const { known } = suggestion;
  const seen = new Set(observed.workloads.map(({ key }) => key));
  const unseen = [...known].filter(([key, { hostNetwork }]) => !hostNetwork && !seen.has(key));
  return {
    graph: {
      edges: observed.edges,
      workloads: [
        ...observed.workloads,
        ...unseen.map(([key, { namespace, name, kind, labels, serviceAccount }]) => {
          return { key, cluster: undefined, namespace, name, kind, labels, serviceAccount };
        }),
      ],
    },
    facts: {
      namespaces: cluster?.directory.namespaces ?? [],
      containerPorts: new Map([...known].map(([key, { ports }]) => [key, ports])),
    },
    others: (cluster?.policies ?? []).filter(({ metadata }) => metadata.labels?.[MANAGED_BY] !== "netlearn"),
    standing,
  };
}

const MANAGED_BY = "app.kubernetes.io/managed-by";

function effectOf(unit: PlannedUnit, world: World, context: ProposalContext): Effect {
  const after = unit.files.flatMap(({ manifests }) => manifests);
  const gone = new Set([...after, ...unit.removed].map(objectId));
  const head = [...world.standing.filter((manifest) => !gone.has(objectId(manifest))), ...after];
  const isNetwork = [...after, ...unit.removed].some(({ kind }) => kind === "NetworkPolicy");
  const network = isNetwork
    ? networkEffect({
        graph: world.graph,
        facts: world.facts,
        base: [...world.others, ...policiesIn(world.standing)],
        head: [...world.others, ...policiesIn(head)],
      })
    : NO_EFFECT;
  const before = world.standing.filter((manifest) => gone.has(objectId(manifest)));
  const access = accessEffect(before, after, isGrantedIn(context.suggestion));
  return {
    ...network,
    allowed: [...network.allowed, ...access.allowed],
    forbidden: [...network.forbidden, ...access.forbidden],
    cut: network.cut.map((cut) => ({ ...cut, decided: decidedBy(cut.id, context) })),
  };
}

function policiesIn(manifests: readonly ProposedManifest[]): readonly NetworkPolicy[] {
  return manifests.filter((manifest): manifest is NetworkPolicy => manifest.kind === "NetworkPolicy");
}

/** Who decided that a connection is cut, or let go. */
function decidedBy(id: string, context: ProposalContext): string | undefined {
  if (context.decisions.length === 0) return undefined;
  const edges = context.observed.edges.filter((edge) => identified(connectionWords(edge)).id === id);
  const [found] = decisionsOn(edges, context);
  return found === undefined ? undefined : `${found.who}: ${found.why}`;
}

function isGrantedIn({ accessSuggestion }: Suggestion): Parameters<typeof accessEffect>[2] {
  const rbac = accessSuggestion?.known.rbac;
  if (rbac === undefined) return () => false;
  const ours = (labels: Readonly<Record<string, string>> | undefined): boolean => labels?.[MANAGED_BY] === "netlearn";
  const others = [...rbac.roles, ...rbac.bindings].filter(({ metadata }) => !ours(metadata.labels));
  const authorizer = new Authorizer(others);
  return (subject, attributes) => authorizer.decide(asker(subject), attributes).isAllowed;
}

function asker({ kind, namespace = "", name }: RbacSubject): {
  readonly username: string;
  readonly groups: readonly string[];
} {
  if (kind === "Group") return { username: "", groups: [name] };
  return { username: kind === "User" ? name : accountUsername({ namespace, name }), groups: [] };
}

function proposalOf(planned: PlannedUnit, effect: Effect, context: ProposalContext): Proposal {
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
  const decisions = decisionsAbout(unit.namespace, context);
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

function confidenceOf(namespace: string, { observed }: ProposalContext): ProposalConfidence {
  const { window, facts } = observed;
  const completeness = completenessOf(observed, edgesOfNamespace(namespace));
  const unseen = [
    ...(facts.unavailableNodes.length === 0 ? [] : [`${facts.unavailableNodes.length} nodes did not answer.`]),
    ...(facts.lostEvents === 0 ? [] : [`${facts.lostEvents} flows were lost before they could be read.`]),
    ...(facts.gaps.length === 0 ? [] : [`Records are missing in ${facts.gaps.length} places of the topics.`]),
    "Pods in their node's network are not kept in by NetworkPolicies, and were not judged.",
  ];
  return { window, completeness, expectedCuts: expectedCuts(completeness), unseen };
}

/** Of the audit log, all of it: roles are for whoever used the API, whatever the namespace. */
function accessConfidence({ suggestion: { access, accessSuggestion } }: ProposalContext): ProposalConfidence {
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

/** New edges to expect in the next week are connections that would be cut. */
function expectedCuts({ estimate, unit }: Completeness): ProposalConfidence["expectedCuts"] {
  if (estimate === undefined || estimate.horizon === 0) return undefined;
  const perWeek = (unit === "day" ? 7 : 7 * 24) / estimate.horizon;
  const { expected, low, high } = estimate;
  return { perWeek: expected * perWeek, low: low * perWeek, high: high * perWeek };
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
