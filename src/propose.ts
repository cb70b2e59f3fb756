import type { PipelineIo, SuggestOptions } from "./config/pipeline-options.ts";
import { indexRepository } from "./gitops/layout/index-repository.ts";
import type { Origin } from "./gitops/layout/origin.ts";
import { DECISIONS_FILE, type Decisions, parseDecisions } from "./gitops/manners/decisions.ts";
import type { PendingDecision } from "./gitops/manners/recorded.ts";
import { dayAt } from "./gitops/manners/schedule.ts";
import { parseSettings, SETTINGS_FILE, type Settings } from "./gitops/manners/settings.ts";
import { type Plan, type PlanInput, planUnits, type UnitToRender } from "./gitops/plan/plan.ts";
import type { KnownCluster } from "./inventory/known-cluster.ts";
import { type Learned, learnForgetting, readCluster } from "./learn.ts";
import type { Finding } from "./model/finding.ts";
import type { CommunicationGraph } from "./model/graph.ts";
import type { RenderCheck } from "./model/placement.ts";
import type { Decision, Proposal } from "./model/proposal.ts";
import type { FileChange, Repository } from "./model/repository.ts";
import { type Suggestion, suggestFrom } from "./pipeline.ts";
import { type Collecting, collectingIn } from "./propose/collecting.ts";
import { combinedChanges } from "./propose/combined.ts";
import { unheard, withoutRejected } from "./propose/decided.ts";
import { type Drift, driftBetween } from "./propose/drift.ts";
import { proposalsOf } from "./propose/proposals.ts";
import { isGoneIn, wantedFiles } from "./propose/wanted.ts";

/** What is proposed to. */
export interface Base {
  readonly repository: Repository;
  /** Branch; empty for a directory. */
  readonly branch: string;
  /** What tells an Application of this repository from one of another. */
  readonly origin: Origin;
}

/** Where to, and when. */
export interface ProposeTo {
  /** Asked when everything is learned, so that it is as new as can be. */
  readonly base: () => Promise<Base>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /**
   * Renders what is to be changed once more, with tools that are there, and gives a check for each unit, in their order.
   * Undefined: netlearn's own reader is alone.
   */
  readonly render?: (repository: Repository, units: readonly UnitToRender[]) => Promise<readonly RenderCheck[]>;
}

/** Everything that is to be changed, for which reasons. */
export interface Proposals {
  readonly base: Base;
  /** Everything that was seen, rejected connections included. */
  readonly observed: CommunicationGraph;
  readonly suggestion: Suggestion;
  readonly settings: Settings;
  /** Whether the base has settings of its own. */
  readonly isOnboarded: boolean;
  readonly decisions: Decisions;
  readonly plan: Plan;
  /** As the sources call it; empty where they name none. */
  readonly cluster: string;
  /** Namespaces for which nothing can be proposed yet. */
  readonly collecting: readonly Collecting[];
  /** What of ours the cluster and the repository do not both have. */
  readonly drift: readonly Drift[];
  /** In the order of the plan's units; those that need a person first have none. */
  readonly proposals: readonly Proposal[];
  /** About decisions and what stands in the repository. */
  readonly findings: readonly Finding[];
  /**
   * The changes of some proposals as one, rendered once more where two of them change the same file.
   *
   * @throws NetlearnError `NETLEARN_PROOF_BROKEN` when they do not come to what each of them does alone
   */
  readonly combined: (proposals: readonly Proposal[]) => Promise<readonly FileChange[]>;
  /** The same with decisions that the base does not have yet: each is written down on its branch. */
  readonly deciding: (pending: readonly PendingDecision[]) => Promise<Proposals>;
}

/**
 * The whole way into a repository: learn, drop what somebody rejected, decide, write down, prove, find the places, and say what
 * each change means. Writes nothing.
 *
 * @throws NetlearnError as `suggest`; `NETLEARN_CONFIG_INVALID` for settings or decisions of the repository that can't be read
 */
export async function propose(
  inputs: readonly string[],
  options: SuggestOptions,
  { base: readBase, now, render }: ProposeTo,
  io: PipelineIo,
): Promise<Proposals> {
  const cluster = await readCluster(options, io);
  const learned = await learnForgetting(inputs, options, io, cluster);
  io.reading?.("objects");
  const base = await readBase();
  const settingsText = base.repository.files.get(SETTINGS_FILE)?.text;
  const settings = parseSettings(settingsText);
  const today = dayAt(now, settings.schedule.timeZone);
  const decisions = parseDecisions(base.repository.files.get(DECISIONS_FILE)?.text, today);
  const known = {
    learned,
    cluster,
    base,
    settings,
    isOnboarded: settingsText !== undefined,
    decisions,
    options,
    io,
    render,
  };
  return await proposeFrom(known, []);
}

/** What stays the same whatever somebody decides. */
interface Known {
  readonly learned: Learned;
  readonly cluster: KnownCluster | undefined;
  readonly base: Base;
  readonly settings: Settings;
  readonly isOnboarded: boolean;
  readonly decisions: Decisions;
  readonly options: SuggestOptions;
  readonly io: PipelineIo;
  readonly render: ProposeTo["render"];
}

async function proposeFrom(known: Known, pending: readonly PendingDecision[]): Promise<Proposals> {
  const { learned, cluster, base, settings, isOnboarded, options, io, render } = known;
  const { expired, valid: written } = known.decisions;
  const decisions = { valid: [...written, ...pending.map(({ decision }) => decision)], expired };
  const { kept, requests, idle, findings } = withoutRejected(learned, decisions.valid);
  const suggestion = await suggestFrom({ learned: kept, cluster }, { ...options, reject: requests }, io);
  const input = planInput(suggestion, known);
  const plan = planUnits(input);
  io.signal?.throwIfAborted();
  const checksOf = render && (async (units: readonly UnitToRender[]) => await render(base.repository, units));
  const context = {
    suggestion,
    cluster,
    observed: learned.graph,
    uses: learned.access.uses,
    decisions: decisions.valid,
    pending,
    base,
    clusterName: input.cluster,
  };
  return {
    base,
    observed: learned.graph,
    suggestion,
    settings,
    isOnboarded,
    decisions,
    plan,
    cluster: input.cluster,
    collecting: collectingIn(learned.graph, suggestion.known, options, input.cluster),
    drift: driftBetween(cluster?.policies, plan.standing, new Set(plan.namespaces)),
    proposals: await proposalsOf(plan, context, checksOf),
    findings: [
      ...decisionFindings(expired, unheard(idle, suggestion)),
      ...findings.map(aboutDecisions),
      ...placeFindings(plan),
    ],
    combined: async (some) => {
      const units = plan.units.filter(({ branch }) => some.some((one) => one.branch === branch));
      return await combinedChanges(input, units, checksOf);
    },
    deciding: async (more) => await proposeFrom(known, more),
  };
}

function planInput(suggestion: Suggestion, { base, settings, options, cluster }: Known): PlanInput {
  const { clusters } = suggestion.graph.facts;
  return {
    index: indexRepository(base.repository, base.origin),
    mappings: settings.mappings,
    base: base.branch,
    cluster: options.clusterName ?? (clusters.length === 1 ? (clusters[0] ?? "") : ""),
    wanted: wantedFiles(suggestion),
    isGone: isGoneIn(cluster?.directory),
  };
}

function decisionFindings(expired: readonly Decision[], idle: readonly string[]): readonly Finding[] {
  return [
    ...expired.map(({ what, until }): Finding => {
      return {
        code: "decision-expired",
        severity: "warning",
        about: DECISIONS_FILE,
        message: `The decision about ${JSON.stringify(what)} ended on ${until ?? ""} and no longer counts.`,
        choice: `Give it a later day in ${DECISIONS_FILE}, or take it out.`,
      };
    }),
    ...idle.map((what): Finding => {
      return {
        code: "decision-unheard",
        severity: "warning",
        about: DECISIONS_FILE,
        message: `${JSON.stringify(what)} rejects a request that nobody was seen making, and that nothing seen implies.`,
        choice: "Compare it with the rows of the pull request, letter by letter.",
      };
    }),
  ];
}

function aboutDecisions(finding: Finding): Finding {
  return { ...finding, about: DECISIONS_FILE, message: finding.message.replace("--exclude", "The rejection of") };
}

function placeFindings({ unplaced, stale }: Plan): readonly Finding[] {
  const groups = Map.groupBy(unplaced, ({ target: { namespace }, unplaced: { reason } }) =>
    JSON.stringify([namespace, reason]),
  );
  return [
    ...[...groups.values()].flatMap(unplacedFinding),
    ...stale.map((path): Finding => {
      return {
        code: "stale-manifest",
        severity: "info",
        about: path,
        message: `Nothing that was seen needs ${path}, and what it is for may still be there: it stays.`,
        choice: "Delete it when the workload is gone, or let netlearn read the cluster's objects, which tell.",
      };
    }),
  ];
}

/** Of one namespace, and for one sort of reason. */
function unplacedFinding(group: Plan["unplaced"]): readonly Finding[] {
  const [first] = group;
  if (first === undefined) return [];
  const { target, unplaced } = first;
  const files = group.flatMap((each) => each.files).length;
  const where = target.namespace === "" ? "for the whole cluster" : `of ${target.namespace}`;
  const which = files === 1 ? `One file ${where} has` : `${files} files ${where} have`;
  const others = group.length === 1 ? "" : " (the first of them)";
  return [
    {
      code: "no-place",
      severity: "warning",
      about: target.namespace === "" ? undefined : target.namespace,
      message: `${which} no place in the repository: ${unplaced.message}${others}.`,
      choice: `Say where they belong, below mappings: in ${SETTINGS_FILE}: ${inOneLine(unplaced.snippet)}`,
    },
  ];
}

/** The entry of a snippet in flow style, which stays YAML wherever a sentence is broken. */
function inOneLine(snippet: string): string {
  const [, ...lines] = snippet.trim().split("\n");
  return `- {${lines.map((line) => line.replace(/^\s*(?:- )?/u, "")).join(", ")}}`;
}
