import { inItsTurn, isLaterStage, type Proposal, type UnitOutcome } from "../../model/proposal.ts";
import { terminalSentence, terminalText } from "../escape.ts";
import { indented, paint, type TerminalStyle, type Tone } from "../terminal-layout.ts";
import { counted } from "../wording.ts";
import { countAccess, countKinds, riskOf } from "./parts.ts";

/** A unit as it is told on a terminal. */
export interface ToldUnit {
  readonly branch: string;
  readonly proposal: Proposal | undefined;
  /** Undefined: nothing was to be done about it yet. */
  readonly outcome: UnitOutcome | undefined;
  readonly url: string | undefined;
  /** What would be asked of the host, one line each: then the outcome is what it would come to. */
  readonly calls: readonly string[];
  readonly notes: readonly string[];
}

const STAGES = { widen: "allow", narrow: "close", enforce: "deny by default" } as const;
const TONES: Readonly<Record<ReturnType<typeof riskOf>, Tone>> = { high: "red", medium: "yellow", low: "green" };

/**
 * One unit for people: what it is, its files, what it means and what became of it. Nothing from the cluster in it is raw.
 *
 * @returns lines without line breaks at their ends
 */
export function unitLines(unit: ToldUnit, style: TerminalStyle): readonly string[] {
  const { proposal, outcome, calls, notes } = unit;
  return [
    ...headLines(unit, style),
    ...(proposal === undefined ? [] : proposalLines(isLaterStage(outcome) ? inItsTurn(proposal) : proposal, style)),
    ...calls.flatMap((call) => indented(style, 6, terminalSentence(call), "    ")),
    ...notes.flatMap((note) => indented(style, 6, `note: ${terminalSentence(note)}`, "    ")),
  ];
}

function headLines(unit: ToldUnit, style: TerminalStyle): readonly string[] {
  const name = terminalText(unit.branch);
  const lines = indented(style, 4, `${name}${outcomeText(unit)}`, "");
  return lines.map((line, at) => (at === 0 ? line.replace(name, paint(style, "bold", name)) : line));
}

function outcomeText({ outcome, url, calls }: ToldUnit): string {
  if (outcome === undefined) return "";
  const because = "because" in outcome ? `: ${terminalSentence(outcome.because)}` : "";
  const where = url === undefined ? "" : ` ${terminalText(url)}`;
  const would = calls.length === 0 ? "" : "would be ";
  return ` ${would}${outcome.kind}${"reason" in outcome ? ` (${outcome.reason})` : ""}${where}${because}`;
}

function proposalLines(proposal: Proposal, style: TerminalStyle): readonly string[] {
  const { effect, unit, changes, check, refused, confidence } = proposal;
  const level = riskOf(proposal);
  const forbidden = countKinds(effect.forbidden, effect.forbiddenMore);
  const meaning = `${STAGES[unit.stage]}: ${countKinds(effect.allowed)} become allowed, ${forbidden} become forbidden`;
  const cut =
    effect.cut.length === 0 ? "nothing that was seen is cut" : `${countAccess(effect.cut)} that were seen would be cut`;
  const cuts = confidence.expectedCuts;
  const expected =
    cuts === undefined
      ? ""
      : `; about ${cuts.perWeek.toFixed(1)} new connections a week to expect (${cuts.low.toFixed(1)} to ${cuts.high.toFixed(1)})`;
  return [
    ...indented(style, 4, `${meaning}; ${cut}${expected}; risk ${level}`, "  ").map((line) =>
      line.replace(`risk ${level}`, `risk ${paint(style, TONES[level], level)}`),
    ),
    ...changes.flatMap(({ kind, path, ...change }) => {
      const verb = kind === "delete" ? "delete" : "before" in change && change.before !== undefined ? "change" : "add";
      return indented(style, 6, `${verb} ${terminalText(path)}`, "    ");
    }),
    ...effect.cut.flatMap(({ from, to, port, decided }) =>
      indented(
        style,
        6,
        `cut: ${terminalText(from)} -> ${terminalText(to)} ${terminalText(port)}, ${decided === undefined ? "and nobody decided so" : terminalSentence(decided)}`,
        "    ",
      ),
    ),
    ...(check.by.length === 0
      ? []
      : indented(style, 6, `rendered with ${check.by.map(terminalText).join(", ")}`, "    ")),
    ...check.differences.flatMap((sentence) =>
      indented(style, 6, `rendered differently: ${terminalSentence(sentence)}`, "    "),
    ),
    ...check.unsure.flatMap((sentence) => indented(style, 6, `not verified: ${terminalSentence(sentence)}`, "    ")),
    ...refused.flatMap(({ message }) => indented(style, 6, `by hand: ${terminalSentence(message)}`, "    ")),
  ];
}

/** `2 units: 1 created, 1 held`. */
export function outcomesText(outcomes: readonly UnitOutcome[]): string {
  const kinds = Map.groupBy(outcomes, ({ kind }) => kind);
  const parts = [...kinds].map(([kind, all]) => `${all.length} ${kind}`).toSorted();
  return `${counted(outcomes.length, "unit")}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}
