import { type Proposal, STAGES, type Stage, undecidedCuts } from "../../model/proposal.ts";
import type { FoundBranch } from "../host.ts";
import { isScheduled } from "./schedule.ts";
import type { Situation, Verdict } from "./step.ts";
import { held } from "./step.ts";
import { fingerprintOf } from "./texts.ts";

/** Whether the settings leave the unit to people. */
export function isDisabled({
  settings,
  unit,
}: Pick<Situation, "settings"> & { readonly unit: { readonly namespace: string } }): boolean {
  const own = Object.hasOwn(settings.units, unit.namespace) ? settings.units[unit.namespace] : undefined;
  return !settings.enabled || own?.enabled === false;
}

/** Held, since nobody wants it. */
export function disabled(): Verdict {
  return held("disabled", "The settings of the repository switch netlearn off here.");
}

/** Why a proposal must not be written now, whether or not it is open already; undefined: it may be. */
export function heldBack({ settings, now, isAskedFor = false }: Situation, proposal: Proposal): Verdict | undefined {
  const coverage = coverageOf(proposal);
  if (coverage < settings.minConfidence) {
    return held("confidence", `Coverage is ${shown(coverage)}, and minConfidence is ${settings.minConfidence}.`);
  }
  if (!isAskedFor && !isScheduled(settings.schedule, now)) {
    return held("schedule", "The schedule in the settings lets nothing be written now.");
  }
  return undefined;
}

/** What is rendered differently from what was meant is not written, whoever asks; undefined: nothing is. */
export function rendersOtherwise({ check }: Pick<Proposal, "check">): Verdict | undefined {
  const [first, ...more] = check.differences;
  if (first === undefined) return undefined;
  const others = more.length === 0 ? "" : ` And ${more.length} more.`;
  return { outcome: { kind: "blocked", reason: "render-differs", because: `${first}${others}` }, steps: [] };
}

/** Whether something that was seen would be cut, and nobody decided so. */
export function cutsUndecided({ effect }: Pick<Proposal, "effect">): boolean {
  return undecidedCuts(effect).length > 0;
}

/**
 * Stages that have to be merged before this one is proposed: those that are proposed themselves, and those in which a person
 * has to write something down first, where this one would cut it meanwhile.
 *
 * @param others of the same namespace
 */
export function stagesBefore(
  stage: Stage,
  proposal: Pick<Proposal, "effect"> | undefined,
  others: { readonly proposed: ReadonlySet<Stage>; readonly byHand: ReadonlySet<Stage> },
): readonly Stage[] {
  const isCutting = proposal !== undefined && cutsUndecided(proposal);
  const earlier = STAGES.slice(0, STAGES.indexOf(stage));
  return earlier.filter((each) => others.proposed.has(each) || (isCutting && others.byHand.has(each)));
}

/**
 * Whether a pull request has to say that it is not to be merged as it is, which hosts call a draft. What closes nothing can cut
 * nobody who was not seen.
 */
export function isUndecided({ settings, capabilities }: Situation, proposal: Proposal): boolean {
  const isUnsure = closesSomething(proposal) && coverageOf(proposal) < settings.draftBelow;
  return capabilities.drafts && (cutsUndecided(proposal) || isUnsure);
}

function closesSomething({ effect }: Proposal): boolean {
  return effect.forbidden.length + effect.forbiddenMore + effect.isolated.length > 0;
}

/** True when nothing of people is on it. */
export function isOurs(branch: FoundBranch): boolean {
  return branch.commits.every(({ isOwn }) => isOwn);
}

/** What the branch carries, from the newest of our commits that says so. */
export function carried(branch: FoundBranch): string | undefined {
  const own = branch.commits.filter(({ isOwn }) => isOwn);
  return own.map(({ message }) => fingerprintOf(message)).findLast((fingerprint) => fingerprint !== undefined);
}

/** Whether writing it anew from the base's head can help: a branch that stands there already is in nobody's way. */
export function isInConflict(branch: FoundBranch, { found }: Situation): boolean {
  return branch.conflicts === true && branch.mergeBase !== found.base.head;
}

/** Whether the base refuses, today, what was seen: every day that this waits, somebody is cut off. */
export function repairsTraffic({ effect, evidence }: Proposal): boolean {
  const seen = new Set(
    evidence.flatMap(({ id, count, inferred }) => (count > 0 && inferred === undefined ? [id] : [])),
  );
  return effect.allowed.some(({ id }) => seen.has(id));
}

/** Where nothing could be estimated, nothing is sure. */
function coverageOf({ confidence }: Proposal): number {
  return confidence.completeness?.estimate?.coverage ?? 0;
}

function shown(coverage: number): string {
  return String(Math.floor(coverage * 100) / 100);
}
