import type { Proposal, Stage, UnitOutcome } from "../../model/proposal.ts";
import type { Found, Host } from "../host.ts";
import { decide } from "./decide.ts";
import { stagesBefore } from "./gates.ts";
import { perform } from "./perform.ts";
import type { Settings } from "./settings.ts";
import type { Boxes, Situation, Verdict } from "./step.ts";
import type { Texts } from "./texts.ts";

/** A unit to decide about. */
export interface UnitToRun {
  readonly branch: string;
  readonly namespace: string;
  readonly stage: Stage;
  /** Undefined: the base is as it should be. */
  readonly proposal: Proposal | undefined;
}

/** What a run over units knows. */
export interface RunContext {
  readonly found: Found;
  readonly settings: Settings;
  readonly isOnboarded: boolean;
  readonly texts: Texts;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What readers ticked in a text. */
  readonly boxesOf: (body: string) => Boxes;
  /** Stages of a namespace in which a person has to write something down first. */
  readonly byHand?: (namespace: string) => ReadonlySet<Stage>;
  /** Whether somebody asked for a unit, whatever limits and schedule say. */
  readonly isAskedFor?: (branch: string) => boolean;
}

/** What is to be done about a unit. */
export interface DecidedUnit {
  readonly unit: UnitToRun;
  readonly verdict: Verdict;
}

/** What became of a unit. */
export interface RanUnit extends DecidedUnit {
  readonly outcome: UnitOutcome;
  readonly writes: number;
  readonly opened: { readonly number: number; readonly url: string } | undefined;
  /** What did not succeed and holds nothing up; one sentence each. */
  readonly notes: readonly string[];
}

/** Decides about every unit as if each of its steps succeeded, and writes nothing. */
export function decideUnits(
  capabilities: Host["capabilities"],
  units: readonly UnitToRun[],
  context: RunContext,
): readonly DecidedUnit[] {
  const decided: DecidedUnit[] = [];
  let opened = 0;
  for (const unit of units) {
    const verdict = decide(situationOf(unit, units, { ...context, capabilities, opened }));
    opened += verdict.steps.filter(({ kind }) => kind === "open").length;
    decided.push({ unit, verdict });
  }
  return decided;
}

/** Decides about every unit and carries it out, one after the other: what fails of one holds none of the others up. */
export async function runUnits(
  host: Host,
  units: readonly UnitToRun[],
  context: RunContext,
): Promise<readonly RanUnit[]> {
  const ran: RanUnit[] = [];
  const { capabilities } = host;
  let opened = 0;
  for (const unit of units) {
    const verdict = decide(situationOf(unit, units, { ...context, capabilities, opened }));
    const performed = await perform(host, verdict);
    opened += performed.opened === undefined ? 0 : 1;
    ran.push({ unit, verdict, ...performed });
  }
  return ran;
}

function situationOf(
  unit: UnitToRun,
  units: readonly UnitToRun[],
  { boxesOf, isAskedFor, byHand, ...context }: RunContext & Pick<Situation, "capabilities" | "opened">,
): Situation {
  const proposed = units.filter(({ namespace, proposal }) => namespace === unit.namespace && proposal !== undefined);
  const pendingStages = stagesBefore(unit.stage, unit.proposal, {
    proposed: new Set(proposed.map(({ stage }) => stage)),
    byHand: byHand?.(unit.namespace) ?? new Set(),
  });
  const open = context.found.pullRequests.find(({ branch, state }) => branch === unit.branch && state === "open");
  return {
    ...context,
    unit: { branch: unit.branch, namespace: unit.namespace },
    proposal: unit.proposal,
    pendingStages,
    boxes: boxesOf(open?.body ?? ""),
    isAskedFor: isAskedFor?.(unit.branch) ?? false,
  };
}
