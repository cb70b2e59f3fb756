import type { Found, Host } from "../gitops/host.ts";
import { decideDashboard } from "../gitops/manners/dashboard.ts";
import { decideOnboarding, ONBOARDING_BRANCH } from "../gitops/manners/onboarding.ts";
import { perform } from "../gitops/manners/perform.ts";
import { carriedAbout } from "../gitops/manners/recorded.ts";
import { decideUnits, type RanUnit, type RunContext, runUnits, type UnitToRun } from "../gitops/manners/run-units.ts";
import { dayAt } from "../gitops/manners/schedule.ts";
import { settingsFile } from "../gitops/manners/settings-file.ts";
import type { Verdict } from "../gitops/manners/step.ts";
import { branchOf } from "../gitops/plan/branch.ts";
import { stagesByHand } from "../gitops/plan/plan.ts";
import { inItsTurn, isLaterStage, type Proposal, STAGES, type Unit, type UnitOutcome } from "../model/proposal.ts";
import type { Proposals } from "../propose.ts";
import { tickedBoxes } from "../report/proposal/boxes.ts";
import { askedFor } from "../report/proposal/dashboard-boxes.ts";
import { type DashboardUnit, dashboardBody, dashboardTitle } from "../report/proposal/dashboard-text.ts";
import { onboardingTexts } from "../report/proposal/onboarding-text.ts";
import { riskOf } from "../report/proposal/parts.ts";
import { proposalTexts } from "../report/proposal/texts.ts";
import { pendingDecisions } from "./ticked.ts";

/** What became of a unit, or what would. */
export interface UnitReport {
  /** Undefined for the settings and the dashboard. */
  readonly unit: Unit | undefined;
  readonly branch: string;
  readonly proposal: Proposal | undefined;
  readonly verdict: Verdict;
  readonly outcome: UnitOutcome;
  readonly writes: number;
  readonly url: string | undefined;
  /** The pull request that this run opened. */
  readonly opened: RanUnit["opened"];
  /** What did not succeed and holds nothing up; one sentence each. */
  readonly notes: readonly string[];
}

export interface RunOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Nothing is written. */
  readonly isDry: boolean;
}

/**
 * Brings proposals to a host: looks at what is there, hears what readers decided, and writes what is due, unit by unit. What fails
 * of one unit holds none of the others up.
 *
 * @param planned from the base that the host was asked for
 * @returns also units of which nothing is to be said; in the order of namespaces and stages
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the host can't be asked at all
 */
export async function runOnHost(host: Host, planned: Proposals, options: RunOptions): Promise<readonly UnitReport[]> {
  const units = unitsOf(planned);
  const found = await host.find(planned.base.branch, [...units.map(branchOf), ONBOARDING_BRANCH]);
  if (found.base.head !== planned.base.repository.commit) return units.flatMap((unit) => overtaken(unit, planned));
  const today = dayAt(options.now, planned.settings.schedule.timeZone);
  const pending = pendingDecisions(found, planned, today);
  const proposals = pending.length === 0 ? planned : await planned.deciding(pending);
  return await new Run(host, proposals, found, options).all(units);
}

/** Every unit of which there may be a branch. */
function unitsOf({ plan, base, cluster }: Proposals): readonly Unit[] {
  return plan.namespaces.flatMap((namespace) =>
    STAGES.map((stage) => ({ base: base.branch, cluster, namespace, stage })),
  );
}

function overtaken(unit: Unit, { proposals }: Proposals): UnitReport[] {
  const branch = branchOf(unit);
  const outcome = { kind: "deferred", because: "The base branch moved while this run was planning." } as const;
  const proposal = proposals.find((each) => each.branch === branch);
  if (proposal === undefined) return [];
  return [{ unit, branch, proposal, verdict: { outcome, steps: [] }, outcome, ...NOTHING, url: undefined }];
}

class Run {
  readonly #host: Host;
  readonly #proposals: Proposals;
  readonly #found: Found;
  readonly #options: RunOptions;

  constructor(host: Host, proposals: Proposals, found: Found, options: RunOptions) {
    this.#host = host;
    this.#proposals = proposals;
    this.#found = found;
    this.#options = options;
  }

  async all(units: readonly Unit[]): Promise<readonly UnitReport[]> {
    const { settings, base, cluster } = this.#proposals;
    const title = dashboardTitle({ base: base.branch, cluster });
    const issue = settings.dashboard ? await this.#host.findIssue?.(title) : undefined;
    const onboarding = await this.#onboard();
    const alone = new Map(units.map((unit) => [unit, this.#leftAlone(branchOf(unit))]));
    const judged = units.filter((unit) => alone.get(unit) === undefined);
    const toRun = judged.map((unit) => this.#toRun(unit));
    const context = { ...this.#context(), isAskedFor: askedFor(issue) };
    const { isDry } = this.#options;
    const ran = isDry
      ? decideUnits(this.#host.capabilities, toRun, context).map((each) => ({
          ...each,
          outcome: each.verdict.outcome,
          ...NOTHING,
        }))
      : await runUnits(this.#host, toRun, context);
    const reports = units.flatMap((unit): UnitReport[] => {
      const outcome = alone.get(unit);
      if (outcome !== undefined) return [this.#untouched(unit, outcome)];
      const each = ran[judged.indexOf(unit)];
      return each === undefined ? [] : [this.#ran(unit, each)];
    });
    return [...onboarding, ...reports, ...(await this.#dashboard(reports, issue, title))];
  }

  #ran(unit: Unit, { unit: { branch, proposal }, verdict, outcome, writes, opened, notes }: RanUnit): UnitReport {
    const url = opened?.url ?? this.#urlOf(branch);
    return { unit, branch, proposal, verdict, outcome, writes, url, opened, notes };
  }

  #untouched(unit: Unit, outcome: UnitOutcome): UnitReport {
    const branch = branchOf(unit);
    const url = this.#urlOf(branch);
    return { unit, branch, proposal: undefined, verdict: { outcome, steps: [] }, outcome, ...NOTHING, url };
  }

  /** Why nothing is done about a unit, whatever is there of it; undefined: something may be. */
  #leftAlone(branch: string): UnitOutcome | undefined {
    return this.#byHand(branch) ?? this.#unread(branch);
  }

  /** A run that read no audit log can't judge roles that another one proposed, and the other way round. */
  #unread(name: string): UnitOutcome | undefined {
    const { suggestion } = this.#proposals;
    const about = carriedAbout(this.#found, name);
    const missing = [
      ...(about.includes("access") && suggestion.accessSuggestion === undefined ? ["use of the API"] : []),
      ...(about.includes("network") && suggestion.graph.facts.records === 0 ? ["flow"] : []),
    ];
    if (missing.length === 0) return undefined;
    const because = `Its pull request is about what this run read nothing of: no ${missing.join(" and no ")} was seen.`;
    return { kind: "held", reason: "unread", because };
  }

  #toRun(unit: Unit): UnitToRun {
    const branch = branchOf(unit);
    const proposal = this.#proposals.proposals.find((each) => each.branch === branch);
    return { branch, namespace: unit.namespace, stage: unit.stage, proposal };
  }

  #context(): RunContext {
    const { settings, isOnboarded, plan } = this.#proposals;
    const { capabilities } = this.#host;
    return {
      found: this.#found,
      settings,
      // Where nobody can be asked by a pull request, being pointed at the repository is being asked.
      isOnboarded: isOnboarded || !capabilities.pullRequests,
      texts: proposalTexts({ ...capabilities, stopLabel: settings.stopLabel }),
      now: this.#options.now,
      boxesOf: tickedBoxes,
      byHand: (namespace) => stagesByHand(plan, namespace),
    };
  }

  async #onboard(): Promise<readonly UnitReport[]> {
    const { settings, isOnboarded, proposals, plan } = this.#proposals;
    const { capabilities } = this.#host;
    if (isOnboarded || !capabilities.pullRequests) return [];
    const preview = { proposals, places: plan.places, unplaced: plan.unplaced, limits: settings.limits };
    const found = this.#found.pullRequests.find(
      ({ branch, state }) => branch === ONBOARDING_BRANCH && state === "open",
    );
    const verdict = decideOnboarding({
      ...this.#context(),
      isOnboarded,
      capabilities,
      opened: 0,
      boxes: tickedBoxes(found?.body ?? ""),
      texts: onboardingTexts({ ...capabilities, stopLabel: settings.stopLabel }, preview),
      file: settingsFile(plan.places),
    });
    return [await this.#report(ONBOARDING_BRANCH, verdict)];
  }

  async #dashboard(
    reports: readonly UnitReport[],
    issue: Parameters<typeof decideDashboard>[0]["issue"],
    title: string,
  ): Promise<readonly UnitReport[]> {
    const { settings, plan, collecting, drift } = this.#proposals;
    if (!settings.dashboard) return [];
    const { capabilities } = this.#host;
    const dashboard = {
      units: reports.flatMap((report) => dashboardUnit(report, this.#found, askedFor(issue))),
      collecting,
      drift,
      unplaced: plan.unplaced,
    };
    const { found, texts } = this.#context();
    const text = { title, body: dashboardBody(dashboard, capabilities) };
    const verdict = decideDashboard({ settings, found, capabilities, issue, text, texts });
    return [await this.#report("dashboard", verdict)];
  }

  async #report(branch: string, verdict: Verdict): Promise<UnitReport> {
    const done = this.#options.isDry ? { outcome: verdict.outcome, ...NOTHING } : await perform(this.#host, verdict);
    const { outcome, writes, opened, notes } = done;
    const url = opened?.url ?? this.#urlOf(branch);
    return { unit: undefined, branch, proposal: undefined, verdict, outcome, writes, url, opened, notes };
  }

  #urlOf(name: string): string | undefined {
    return this.#found.pullRequests.find(({ branch, state }) => branch === name && state === "open")?.url;
  }

  /** What can't be edited safely is for a person to do. */
  #byHand(name: string): UnitOutcome | undefined {
    const unit = this.#proposals.plan.units.find(({ branch }) => branch === name);
    const [first, ...more] = unit?.refused ?? [];
    if (unit === undefined || unit.changes.length > 0 || first === undefined) return undefined;
    const others = more.length === 0 ? "" : ` And ${more.length} more.`;
    return { kind: "blocked", reason: "by-hand", because: `${first.message}${others}` };
  }
}

const NOTHING = { writes: 0, opened: undefined, notes: [] } as const;

function dashboardUnit(
  { unit, branch, outcome, proposal, opened }: UnitReport,
  { pullRequests }: Found,
  isAskedFor: (branch: string) => boolean,
): DashboardUnit[] {
  if (unit === undefined) return [];
  const own = pullRequests.filter((pull) => pull.branch === branch);
  const fresh = opened === undefined ? undefined : ({ ...opened, state: "open" } as const);
  const pull = fresh ?? own.find(({ state }) => state === "open") ?? own[0];
  if (outcome.kind === "noop" && proposal === undefined && pull === undefined) return [];
  const risk = proposal === undefined ? undefined : riskOf(isLaterStage(outcome) ? inItsTurn(proposal) : proposal);
  return [{ unit, branch, outcome, pull, risk, isAskedFor: isAskedFor(branch) }];
}
