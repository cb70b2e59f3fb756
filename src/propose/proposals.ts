import { setImmediate } from "node:timers/promises";
import { branchOf } from "../gitops/plan/branch.ts";
import type { Plan, PlannedUnit, UnitToRender } from "../gitops/plan/plan.ts";
import type { RenderCheck } from "../model/placement.ts";
import { type Effect, type Proposal, STAGES } from "../model/proposal.ts";
import type { ProposalContext } from "./context.ts";
import { proposalOf, unitRisks } from "./proposal.ts";
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
