import { setImmediate } from "node:timers/promises";
import { addDecisions, DECISIONS_FILE } from "../gitops/manners/decisions.ts";
import { branchOf } from "../gitops/plan/branch.ts";
import { connectionEvidence, isIn, requestEvidence } from "../gitops/plan/evidence.ts";
import { fingerprintOf } from "../gitops/plan/fingerprint.ts";
import { objectId } from "../gitops/plan/own-objects.ts";
import type { Plan, PlannedUnit, UnitToRender } from "../gitops/plan/plan.ts";
import { risksOf } from "../gitops/plan/risks.ts";
import { by } from "../lib/sort.ts";
import type { SuggestedRole } from "../model/access-policy.ts";
import type { ProposedManifest, RenderCheck } from "../model/placement.ts";
import {
  type Decision,
  type Effect,
  type PictureEdge,
  type Proposal,
  type ProposedEvidence,
  STAGES,
} from "../model/proposal.ts";
import type { FileChange } from "../model/repository.ts";
import type { Suggestion } from "../pipeline.ts";
import { accessConfidence, confidenceOf } from "./confidence.ts";
import type { ProposalContext } from "./context.ts";
import { decisionsOn, decisionsOnRequests } from "./decided.ts";
import { effectOf, type World, worldAfter, worldOf } from "./unit-effect.ts";

/** Checks units once more, and gives a check for each, in their order. */
export type UnitChecks = (units: readonly UnitToRender[]) => Promise<readonly RenderCheck[]>;

/**
 * What each unit means for those who run there, worked out while it is checked. Units that need a person first are left out.
 * What readers decided is written down where they ticked it, also where nothing else is left to do: those come last.
 *
 * @param checksOf undefined: the plan's own check is the only one
 */
export async function proposalsOf(
  plan: Plan,
  context: ProposalContext,
  checksOf?: UnitChecks,
): Promise<readonly Proposal[]> {
  const world = worldOf(plan, context);
  const due = plan.units.flatMap((unit) => dueUnit(unit, world, context));
  const [checks, proposals] = await Promise.all([
    checksOf?.(due.map(({ unit }) => unit)) ?? [],
    meanings(due, { world, context }),
  ]);
  const checked = proposals.map((proposal, index) => ({ ...proposal, check: checks[index] ?? proposal.check }));
  const written = new Set(proposals.map(({ branch }) => branch));
  const alone = decidedUnits(plan, context).filter(({ branch }) => !written.has(branch));
  const recording = alone.map((unit) => proposalOf(unit, effectOf(unit, world, context), context));
  return [...checked, ...recording.filter(({ changes }) => changes.length > 0)];
}

interface DueUnit {
  readonly unit: PlannedUnit;
  readonly effect: () => Effect;
}

function dueUnit(unit: PlannedUnit, world: World, context: ProposalContext): DueUnit[] {
  let known: Effect | undefined;
  const effect = () => (known ??= effectOf(unit, world, context));
  return unit.changes.length === 0 || isIdle(unit, effect) ? [] : [{ unit, effect }];
}

interface Around {
  readonly world: World;
  readonly context: ProposalContext;
}

async function meanings(due: readonly DueUnit[], around: Around): Promise<readonly Proposal[]> {
  const earlier = new Map<string, PlannedUnit[]>();
  const proposals: Proposal[] = [];
  for (const { unit, effect } of due) {
    // Who checks at the same time has to hear from the tools that it started.
    await setImmediate();
    const { namespace } = unit.unit;
    const before = earlier.get(namespace) ?? [];
    earlier.set(namespace, [...before, unit]);
    proposals.push({ ...proposalOf(unit, effect(), around.context), ...following(unit, before, around) });
  }
  return proposals;
}

/** What a stage means once those before it are merged. */
function following(
  unit: PlannedUnit,
  before: readonly PlannedUnit[],
  { world, context }: Around,
): Pick<Proposal, "following"> {
  if (before.length === 0) return {};
  const effect = effectOf(unit, worldAfter(world, before), context);
  return { following: { effect, risks: unitRisks(unit, effect, context) } };
}

function unitRisks({ files }: PlannedUnit, effect: Effect, { suggestion }: ProposalContext): Proposal["risks"] {
  const manifests = files.flatMap((file) => file.manifests);
  return risksOf(manifests, rolesIn(manifests, suggestion), effect);
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
function isIdle({ unit, files, refused }: PlannedUnit, effect: () => Effect): boolean {
  const isNetwork = files.every(({ manifests }) => manifests.every(({ kind }) => kind === "NetworkPolicy"));
  if (unit.stage !== "widen" || !isNetwork || refused.length > 0) return false;
  const { allowed, cut } = effect();
  return allowed.length === 0 && cut.length === 0;
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
    risks: unitRisks(planned, effect, context),
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

function pictureOf(connections: readonly ProposedEvidence[], { allowed, cut }: Effect): readonly PictureEdge[] {
  const opened = new Set(allowed.map(({ from, to }) => JSON.stringify([from, to])));
  return [
    ...connections.map(({ from, to, port }): PictureEdge => {
      return { from, to, label: port, kind: opened.has(JSON.stringify([from, to])) ? "allowed" : "kept" };
    }),
    ...cut.map(({ from, to, port }): PictureEdge => ({ from, to, label: port, kind: "forbidden" })),
  ];
}
