import { safeName } from "../../lib/safe-name.ts";
import { sortedBy } from "../../lib/sort.ts";
import { type HeldReason, type RiskLevel, STAGES, type Unit, type UnitOutcome } from "../../model/proposal.ts";
import { markdownCode, markdownText } from "../escape.ts";
import { openBox } from "./dashboard-boxes.ts";
import { fit, type Section } from "./fit.ts";
import { isPlainUrl } from "./parts.ts";
import { LONGEST_TEXT } from "./proposal-text.ts";
import { bodyHash } from "./state.ts";
import { namespaceName, type UnplacedTarget, unplacedRows } from "./target-name.ts";

/** A unit, and what became of it in this run. */
export interface DashboardUnit {
  readonly unit: Unit;
  readonly branch: string;
  readonly outcome: UnitOutcome;
  /** Its open pull request, else the newest. */
  readonly pull:
    | { readonly number: number; readonly url: string; readonly state: "open" | "closed" | "merged" }
    | undefined;
  /** Undefined: nothing is proposed. */
  readonly risk: RiskLevel | undefined;
  /** Somebody ticked its box before this run. */
  readonly isAskedFor: boolean;
}

/** What the dashboard shows, each list in any order. No counts and no times are in it, so that a quiet day changes nothing. */
export interface Dashboard {
  readonly units: readonly DashboardUnit[];
  /** Namespaces for which nothing can be proposed yet, and why: one sentence. */
  readonly collecting: readonly { readonly cluster: string; readonly namespace: string; readonly because: string }[];
  /** Objects as people call them, `NetworkPolicy shop/cart`: of the cluster and not of the repository, or the other way round. */
  readonly drift: readonly { readonly kind: "live-only" | "git-only"; readonly object: string }[];
  readonly unplaced: readonly UnplacedTarget[];
}

/**
 * The issue's title: one for each base branch and cluster, so that no run writes over another's.
 *
 * @param scope empty cluster: the sources name none
 */
export function dashboardTitle({ base, cluster }: Pick<Unit, "base" | "cluster">): string {
  const where = cluster === "" ? "" : ` on ${safeName(cluster)}`;
  return `netlearn dashboard: ${safeName(base)}${where}`;
}

/**
 * The text of the dashboard in Markdown, with a hidden mark as its last line. What does not fit is left out by importance and
 * counted: what failed or waits for somebody stays longest.
 *
 * @param bodyLimit most characters that the host takes, at least 4,000; never more than 58,000 are written
 * @param checkboxes whether readers can tick boxes
 */
export function dashboardBody(
  dashboard: Dashboard,
  { bodyLimit, checkboxes }: { readonly bodyLimit: number; readonly checkboxes: boolean },
): string {
  const units = sortedBy(dashboard.units, orderOf);
  const of = (name: SectionName): readonly DashboardUnit[] => units.filter((unit) => sectionOf(unit) === name);
  const shown = (name: SectionName): readonly Section[] => unitSection(name, of(name), checkboxes);
  const sections = [
    INTRODUCTION,
    ...(["undone", "people", "open", "scheduled", "limited"] as const).flatMap(shown),
    ...(checkboxes ? boxForAll([...of("scheduled"), ...of("limited")]) : []),
    ...(["confidence"] as const).flatMap(shown),
    ...collectingSection(dashboard),
    ...driftSections(dashboard),
    ...unplacedSection(dashboard),
    ...(["stages", "onboarding", "closed", "disabled", "settled"] as const).flatMap(shown),
  ];
  const text = fit(sections, Math.min(bodyLimit, LONGEST_TEXT) - mark("").length - 3);
  return `${text}\n\n${mark(text)}\n`;
}

function mark(text: string): string {
  return `<!-- netlearn:dashboard ${bodyHash(text)} -->`;
}

const INTRODUCTION: Section = {
  name: "",
  head: "What becomes of every namespace. netlearn writes this anew when something changes; close it to have it left alone.",
  rows: [],
  tail: "",
  isRequired: true,
  rank: 0,
};

// In the order in which rows are kept where there is not room for all.
const RANKS = {
  undone: 0,
  people: 1,
  limited: 1,
  scheduled: 1,
  open: 2,
  confidence: 3,
  stages: 4,
  onboarding: 4,
  closed: 5,
  disabled: 6,
  settled: 7,
} as const;
type SectionName = keyof typeof RANKS;

const HEADS: Readonly<Record<SectionName, string>> = {
  undone: "Could not be done",
  people: "Waiting for people",
  limited: "Held by a limit",
  scheduled: "Waiting for the schedule",
  open: "Open",
  confidence: "Waiting for confidence",
  stages: "Waiting for an earlier stage",
  onboarding: "Waiting for the settings",
  closed: "Closed, and not proposed again",
  disabled: "Switched off",
  settled: "As it should be",
};

const HELD: Readonly<Record<HeldReason, SectionName>> = {
  approved: "people",
  confidence: "confidence",
  "cool-down": "limited",
  disabled: "disabled",
  "earlier-stage": "stages",
  "human-commits": "people",
  limit: "limited",
  "merge-queue": "people",
  onboarding: "onboarding",
  rejected: "closed",
  retargeted: "people",
  schedule: "scheduled",
  snoozed: "people",
  "stop-label": "people",
  unread: "confidence",
};

function sectionOf({ outcome, pull }: DashboardUnit): SectionName {
  switch (outcome.kind) {
    case "held":
      return HELD[outcome.reason];
    case "blocked":
    case "deferred":
    case "failed":
      return "undone";
    case "created":
    case "updated":
      return "open";
    case "noop":
    case "closed":
      return pull?.state === "open" && outcome.kind === "noop" ? "open" : "settled";
  }
}

function unitSection(name: SectionName, units: readonly DashboardUnit[], checkboxes: boolean): readonly Section[] {
  const isBoxed = checkboxes && (name === "limited" || name === "scheduled");
  const rows = units.map((unit) => {
    // What was asked for and could not be done is asked for until it is.
    const isKept = checkboxes && unit.isAskedFor && name === "undone";
    return isBoxed || isKept ? openBox(unit.branch, unitText(unit), unit.isAskedFor) : `- ${unitText(unit)}`;
  });
  const head = isBoxed ? `### ${HEADS[name]}\n\nTick what should be opened now.\n` : `### ${HEADS[name]}\n`;
  return listed({ name: HEADS[name].toLowerCase(), head, rows, rank: RANKS[name] });
}

function listed({ name, head, rows, rank }: Pick<Section, "name" | "head" | "rows" | "rank">): readonly Section[] {
  return rows.length === 0 ? [] : [{ name, head, rows, tail: "", isRequired: false, rank }];
}

function orderOf({ unit: { cluster, namespace, stage }, branch }: DashboardUnit): string {
  return JSON.stringify([cluster, namespace, STAGES.indexOf(stage), branch]);
}

function unitText({ unit, outcome, pull, risk }: DashboardUnit): string {
  const link = pull === undefined || !isPlainUrl(pull.url) ? "" : `[${pull.number}](${pull.url})`;
  const details = [
    ...(link === "" ? [] : [`pull request ${link}`]),
    ...(risk === undefined ? [] : [`risk ${risk}`]),
    ...("because" in outcome ? [markdownText(outcome.because)] : []),
  ];
  return `${namespaceName(unit)}, ${unit.stage}${details.length === 0 ? "" : `: ${details.join("; ")}`}`;
}

function boxForAll(units: readonly DashboardUnit[]): readonly Section[] {
  if (units.length < 2) return [];
  const head = openBox("all", "**Open now all that waits for the schedule or a limit**", false);
  return [{ ...INTRODUCTION, head }];
}

function collectingSection({ collecting }: Dashboard): readonly Section[] {
  const rows = collecting.map((one) => `- ${namespaceName(one)}: ${markdownText(one.because)}`);
  return listed({
    name: "where is still collected",
    head: "### Collecting\n",
    rows: [...new Set(rows)].toSorted(),
    rank: 5,
  });
}

function driftSections({ drift }: Dashboard): readonly Section[] {
  const rowsOf = (wanted: "live-only" | "git-only"): readonly string[] => {
    const rows = drift.flatMap(({ kind, object }) => (kind === wanted ? [`- ${markdownCode(object)}`] : []));
    return [...new Set(rows)].toSorted();
  };
  const git = "### In the repository, and not in the cluster\n";
  const live = "### In the cluster, and not in the repository\n";
  return [
    ...listed({ name: "what only the cluster has", head: live, rows: rowsOf("live-only"), rank: 2 }),
    ...listed({ name: "what only the repository has", head: git, rows: rowsOf("git-only"), rank: 2 }),
  ];
}

function unplacedSection({ unplaced }: Dashboard): readonly Section[] {
  const head =
    "### No place found\n\nPaste the lines below `mappings:` in `.github/netlearn.yaml` of the base branch, with the right folder.\n";
  return listed({ name: "what has no place", head, rows: unplacedRows(unplaced), rank: 3 });
}
