import { shortHash } from "../../lib/safe-name.ts";
import { type Proposal, undecidedCuts } from "../../model/proposal.ts";
import { markdownText } from "../escape.ts";
import { counted, formatDay } from "../wording.ts";
import { boxLine, SNOOZE_DAYS } from "./boxes.ts";
import { fenced } from "./comments.ts";
import { decisionEntry } from "./decision-entry.ts";
import { fit, type Section } from "./fit.ts";
import * as parts from "./parts.ts";
import { drawPicture } from "./picture.ts";
import { hiddenLength, withState } from "./state.ts";

/** What a text needs to know besides the proposal. */
export interface TextContext {
  /** Most characters that the host takes; never more than 58,000 are written. At least 4,000. */
  readonly bodyLimit: number;
  /** Whether readers can tick boxes. */
  readonly checkboxes: boolean;
  readonly title: string;
  /** Days, `YYYY-MM-DD`. */
  readonly refreshedOn: string;
  readonly snoozedUntil: string | undefined;
  readonly isDraft: boolean;
  /** A pull request of the unit that was closed before. */
  readonly previous: { readonly number: number; readonly url: string } | undefined;
  /** Sentences for people. */
  readonly notes?: readonly string[];
  readonly stopLabel?: string;
}

/** Most characters of a text, whatever the host takes: GitHub refuses more than 65,536. */
export const LONGEST_TEXT = 58_000;

/**
 * The text of a pull request in Markdown: verdict, what changes, what would be cut, evidence, controls, and the hidden state
 * ({@link stateBlock}) as its last line. What does not fit is left out by importance and counted. No box is ticked.
 */
export function proposalBody(proposal: Proposal, context: TextContext): string {
  const { branch: unit, fingerprint, decisions } = proposal;
  const { base, stage } = proposal.unit;
  const { title, refreshedOn, snoozedUntil, isDraft } = context;
  const hash = shortHash(JSON.stringify(decisions));
  const state = { unit, base, stage, fingerprint, decisions: hash, title, refreshedOn, snoozedUntil, isDraft };
  const text = fit(sections(proposal, context), Math.min(context.bodyLimit, LONGEST_TEXT) - hiddenLength(state));
  return withState(text, state);
}

function sections(proposal: Proposal, context: TextContext): readonly Section[] {
  return [
    required(verdict(proposal, context)),
    ...cutSection(proposal),
    ...effectSections(proposal),
    ...listed({ name: "risks", head: "### Look closer", rows: parts.riskRows(proposal), rank: 1 }),
    ...listed({
      name: "notes",
      head: "### Notes",
      rows: (context.notes ?? []).map((note) => `- ${markdownText(note)}`),
      rank: 2,
    }),
    pictureSection(proposal),
    ...listed({ name: "refused edits", head: "### To be done by hand", rows: parts.refusalRows(proposal), rank: 4 }),
    ...detailSections(proposal),
    ...rejectSection(proposal, context),
    required(controls(context)),
  ];
}

function required(head: string): Section {
  return { name: "", head, rows: [], tail: "", isRequired: true, rank: 0 };
}

interface Listing {
  readonly name: string;
  readonly head: string;
  readonly rows: readonly string[];
  readonly rank: number;
}

function listed({ name, head, rows, rank }: Listing): readonly Section[] {
  return rows.length === 0 ? [] : [{ name, head: `${head}\n`, rows, tail: "", isRequired: false, rank }];
}

function folded({ name, head, rows, rank }: Listing): readonly Section[] {
  const opened = `<details><summary>${head}</summary>\n`;
  return rows.length === 0 ? [] : [{ name, head: opened, rows, tail: "</details>", isRequired: false, rank }];
}

const STAGE_WORDS = {
  widen: "Allows what was observed and is refused so far",
  narrow: "Closes what nobody was seen using",
  enforce: "Denies by default what nothing allows",
} as const;

/** A first step that lets nobody in writes down what is granted by other means. */
function stageWords({ unit, effect }: Proposal): string {
  return unit.stage === "widen" && effect.allowed.length === 0
    ? "Writes down, for each who used it, what is allowed already"
    : STAGE_WORDS[unit.stage];
}

function verdict(proposal: Proposal, { previous, isDraft }: TextContext): string {
  const { effect, check, refused } = proposal;
  const counts = `${parts.countKinds(effect.allowed)} become allowed, ${parts.countKinds(effect.forbidden, effect.forbiddenMore)} become forbidden.`;
  const doubts = [
    ...(isDraft ? [whyDraft(proposal)] : []),
    ...(check.differences.length > 0
      ? [`**${counted(check.differences.length, "rendered object")} differ from what was meant.**`]
      : []),
    ...(check.by.length === 0 || check.unsure.length > 0
      ? ["Not all of it could be verified by rendering: see below."]
      : []),
    ...(refused.length > 0 ? [`${counted(refused.length, "file")} could not be edited safely.`] : []),
  ];
  const link = previous === undefined ? [] : [`Follows ${linkTo(previous)}, which was closed without being merged.`];
  return [
    `**Risk: ${parts.riskOf(proposal)}.** ${stageWords(proposal)}: ${counts} ${blocks(proposal)}`,
    ...doubts,
    ...link,
  ].join("\n\n");
}

function whyDraft({ effect }: Proposal): string {
  return undecidedCuts(effect).length > 0
    ? "**Not to be merged as it is:** nobody decided about what would be cut."
    : "**Not to be merged yet:** too little was seen to be sure of what it closes.";
}

function linkTo({ number, url }: { readonly number: number; readonly url: string }): string {
  return parts.isPlainUrl(url) ? url : `number ${number}`;
}

function blocks({ effect, confidence: { window } }: Proposal): string {
  const when = window === undefined ? "seen (at unknown times)" : `seen in the last ${days(window)}`;
  if (effect.cut.length === 0) return `Merging this will not block anything ${when}.`;
  const isDecided = effect.cut.every(({ decided }) => decided !== undefined);
  const by = isDecided ? ", as somebody decided" : "";
  return `**Merging this will block ${parts.countAccess(effect.cut)} ${when}${by}.**`;
}

function days({ first, last }: { readonly first: number; readonly last: number }): string {
  const count = Math.floor(last / 86_400_000) - Math.floor(first / 86_400_000) + 1;
  return `${counted(count, "day")} (${formatDay(first)} to ${formatDay(last)})`;
}

function cutSection({ effect }: Proposal): readonly Section[] {
  const undecided = undecidedCuts(effect).length;
  const decided = effect.cut.toSorted((a, b) => Number(a.decided !== undefined) - Number(b.decided !== undefined));
  const head = `### Seen, and cut\n\n${counted(effect.cut.length, "observed connection or request", "observed connections or requests")}, ${undecided} of them decided by nobody.\n`;
  return effect.cut.length === 0
    ? []
    : [{ name: "cuts", head, rows: decided.map(parts.cutRow), tail: "", isRequired: true, rank: 0 }];
}

/** More rows than these are for those who look closer. */
const UNFOLDED = 12;

function effectSections({ effect }: Proposal): readonly Section[] {
  return [
    ...listed({
      name: "what becomes allowed",
      head: `### Becomes allowed\n\n${parts.ACCESS_HEAD}`,
      rows: effect.allowed.map(parts.accessRow),
      rank: 1,
    }).map(tableOf),
    ...listed({
      name: "what is isolated for the first time",
      head: "### Isolated for the first time\n\nFrom then on, only what policies let through passes: what was seen stays allowed.\n",
      rows: parts.isolatedRows(effect.isolated),
      rank: 1,
    }),
    ...forbiddenSections(effect),
  ];
}

function forbiddenSections({ forbidden, forbiddenMore }: Proposal["effect"]): readonly Section[] {
  const tail =
    forbiddenMore === 0
      ? ""
      : `${counted(forbiddenMore, "kind of connection", "kinds of connections")} more become forbidden.`;
  const rows = forbidden.map(parts.accessRow);
  const name = "what becomes forbidden";
  if (rows.length === 0) return tail === "" ? [] : [required(`### Becomes forbidden\n\n${tail}`)];
  if (rows.length <= UNFOLDED) {
    const head = `### Becomes forbidden\n\n${parts.ACCESS_HEAD}`;
    return listed({ name, head, rows, rank: 1 }).map((section) => ({ ...tableOf(section), tail }));
  }
  const head = `Becomes forbidden: ${parts.countKinds(forbidden, forbiddenMore)}`;
  return folded({ name, head, rows, rank: 2 }).map((section) => ({
    ...section,
    head: `${section.head}\n${parts.ACCESS_HEAD}`,
    tail: tail === "" ? section.tail : `\n${tail}\n\n${section.tail}`,
  }));
}

// Rows of a table follow its head without an empty line.
function tableOf(section: Section): Section {
  return { ...section, head: section.head.trimEnd() };
}

function pictureSection({ picture }: Proposal): Section {
  const drawn = drawPicture(picture);
  if (drawn.kind === "left-out")
    return { ...required(drawn.because), name: "the reason for no picture", isRequired: false, rank: 3 };
  const head = `Thick: allowed anew. Dashed: seen, and ends. Thin: stays allowed.\n\n${fenced("mermaid", drawn.source)}`;
  return { ...required(head), name: "the picture", isRequired: false, rank: 3 };
}

function detailSections(proposal: Proposal): readonly Section[] {
  const inferred = proposal.evidence.filter((row) => row.inferred !== undefined).map(parts.inferredRow);
  return [
    ...folded({ name: "confidence", head: "Confidence", rows: parts.confidenceRows(proposal), rank: 2 }),
    ...folded({ name: "how it was verified", head: "How it was verified", rows: parts.checkRows(proposal), rank: 2 }),
    ...folded({ name: "evidence", head: "Evidence", rows: proposal.evidence.map(parts.evidenceRow), rank: 6 }).map(
      (section) => ({
        ...section,
        head: `${section.head}\n${parts.EVIDENCE_HEAD}`,
      }),
    ),
    ...folded({ name: "inferred rules", head: "Allowed though not seen", rows: inferred, rank: 5 }),
    ...folded({
      name: "findings",
      head: "Not expressed, and good to know",
      rows: parts.findingRows(proposal),
      rank: 4,
    }),
    ...folded({
      name: "decisions",
      head: "Decisions that counted",
      rows: proposal.decisions.map(parts.decisionRow),
      rank: 5,
    }),
  ];
}

function rejectSection(proposal: Proposal, { checkboxes }: TextContext): readonly Section[] {
  const accesses = parts.rejectable(proposal);
  if (checkboxes) {
    const head = "Reject a line: tick what must not be allowed";
    return folded({ name: "boxes to reject lines", head, rows: accesses.flatMap(parts.rejectBox), rank: 3 });
  }
  const entries = accesses.map(decisionEntry).filter((entry) => entry !== undefined);
  const left = accesses.length - entries.length;
  const more =
    left === 0 ? [] : [`No entry can be written for ${counted(left, "line")}: its names have reserved characters.`];
  const rows = [...entries.map((entry) => `${fenced("yaml", entry)}\n`), ...more];
  const head =
    "Reject a line: paste its entry below <code>decisions:</code>, and fill in who, why and on which day: empty, they are refused";
  return folded({ name: "entries to reject lines", head, rows, rank: 7 });
}

function controls({ checkboxes, stopLabel }: TextContext): string {
  const boxes = checkboxes ? [boxLine({ command: "snooze" }, `Leave this alone for ${SNOOZE_DAYS} days`)] : [];
  const lines = [
    `- Reject a line for good: ${checkboxes ? "tick it above, or " : ""}write \`reject:\` with \`who\`, \`why\` and \`on\` below \`decisions:\` in \`.github/netlearn-decisions.yaml\` of the base branch.`,
    `- Stop: set the label \`${(stopLabel ?? "netlearn/stop").replaceAll(/[^\w./-]/gu, "_").slice(0, 100)}\`, or close this. What was closed is not proposed again.`,
    "- Revert: revert the merge commit, and let the cluster's tool apply the base branch again.",
  ];
  return ["### Controls", "", ...boxes, ...lines].join("\n");
}
