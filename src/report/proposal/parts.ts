import { by } from "../../lib/sort.ts";
import {
  type Decision,
  type Effect,
  type Proposal,
  type ProposedAccess,
  type ProposedEvidence,
  type RiskLevel,
  undecidedCuts,
} from "../../model/proposal.ts";
import { markdownCode as code, markdownText } from "../escape.ts";
import { completenessSentence, counted, formatDay, thousands } from "../wording.ts";
import { boxLine } from "./boxes.ts";
import { fenced } from "./comments.ts";

/** Rows of the text of a pull request: all of them escaped, each one line unless it says otherwise. */

/** Whether a host's address can stand in Markdown as it is. */
export function isPlainUrl(url: string): boolean {
  return /^https?:\/\/[\w./:~%-]+$/u.test(url);
}

/** `1,234` as `about 1,000`: a quiet day changes nothing. */
export function roughly(count: number): string {
  if (!Number.isFinite(count) || count < 10) return thousands(Math.max(0, Math.trunc(count) || 0));
  return `about ${thousands(Number(count.toPrecision(1)))}`;
}

/** `shop/cart → shop/db TCP/5432`, as code. */
export function accessText({ from, to, port }: ProposedAccess): string {
  return `${code(from)} → ${code(to)}${port === "" ? "" : ` ${code(port)}`}`;
}

export const ACCESS_HEAD = "| From | To | Port |\n| --- | --- | --- |";

/** A row below {@link ACCESS_HEAD}. */
export function accessRow({ from, to, port }: ProposedAccess): string {
  return `| ${code(from)} | ${code(to)} | ${port === "" ? "" : code(port)} |`;
}

export const EVIDENCE_HEAD =
  "| From | To | Port | Seen | First | Last | Days |\n| --- | --- | --- | --- | --- | --- | --- |";

/** A row below {@link EVIDENCE_HEAD}: counts to one significant figure, times to the day. */
export function evidenceRow(row: ProposedEvidence): string {
  const cells = [code(row.from), code(row.to), row.port === "" ? "" : code(row.port)];
  const seen =
    row.inferred === undefined
      ? roughly(row.count)
      : row.count === 0
        ? "no (inferred)"
        : `${roughly(row.count)} (and inferred)`;
  return `| ${[...cells, seen, day(row.firstSeen), day(row.lastSeen), thousands(row.days)].join(" | ")} |`;
}

function day(time: number | undefined): string {
  return time === undefined ? "–" : formatDay(time);
}

/** An item that says why it is allowed though nobody was seen. */
export function inferredRow(row: ProposedEvidence): string {
  return `- ${accessText(row)}: ${markdownText(row.inferred ?? "")}`;
}

/** An item that says who decided that this is cut, or that nobody did. */
export function cutRow(cut: Effect["cut"][number]): string {
  const who = cut.decided === undefined ? "**nobody decided this**" : `decided: ${markdownText(cut.decided)}`;
  return `- ${accessText(cut)}: ${who}`;
}

const DIRECTIONS = ["ingress", "egress"] as const;

/** An item a workload, with its directions. */
export function isolatedRows(isolated: Effect["isolated"]): readonly string[] {
  const byWorkload = Map.groupBy(isolated, ({ workload }) => workload);
  return [...byWorkload].map(([workload, all]) => {
    const directions = new Set(all.map(({ direction }) => direction));
    return `- ${code(workload)}: ${DIRECTIONS.filter((direction) => directions.has(direction)).join(" and ")}`;
  });
}

const RANKS: Readonly<Record<RiskLevel, number>> = { high: 0, medium: 1, low: 2 };

/** High where something seen is cut and nobody decided so, or the rendered result differs; else the gravest of the risks, or low. */
export function riskOf({ risks, effect, check }: Pick<Proposal, "risks" | "effect" | "check">): RiskLevel {
  if (check.differences.length > 0 || undecidedCuts(effect).length > 0) return "high";
  const [gravest] = risks.map(({ level }) => level).toSorted((a, b) => RANKS[a] - RANKS[b]);
  return gravest ?? "low";
}

/** Items, the gravest first. */
export function riskRows({ risks }: Pick<Proposal, "risks">): readonly string[] {
  return risks
    .toSorted((a, b) => RANKS[a.level] - RANKS[b.level])
    .map(({ level, rule, message }) => `- ${level}: ${markdownText(message)} (${code(rule)})`);
}

/** What was seen, and what roles hold besides, each once: connections that objects promise somebody asked for by --allow. */
export function rejectable({ evidence }: Pick<Proposal, "evidence">): readonly ProposedAccess[] {
  const own = evidence.filter(({ count, kind }) => count > 0 || kind === "request");
  return [...new Map(own.map((access) => [access.id, access])).values()];
}

/** An identity that is none would break the hidden command: such a line has no box. */
export function rejectBox(access: ProposedAccess): readonly string[] {
  return /^[0-9a-f]{12}$/u.test(access.id) ? [boxLine({ command: "reject", id: access.id }, accessText(access))] : [];
}

/** An item: who decided what, until when, and why. */
export function decisionRow({ kind, what, who, why, until }: Decision): string {
  const end = until === undefined ? "" : ` until ${markdownText(until)}`;
  return `- ${kind}ed by ${markdownText(who)}${end}: ${code(what)}: ${markdownText(why)}`;
}

/** Items, errors first. */
export function findingRows({ findings }: Pick<Proposal, "findings">): readonly string[] {
  const ranks = { error: 0, warning: 1, info: 2 };
  return findings
    .toSorted(by((finding) => JSON.stringify([ranks[finding.severity], finding.code, finding.message])))
    .map(
      ({ severity, message, choice }) =>
        `- ${severity}: ${markdownText(message)}${choice === undefined ? "" : ` ${markdownText(choice)}`}`,
    );
}

/** Several lines each: the patch is in a fence. */
export function refusalRows({ refused }: Pick<Proposal, "refused">): readonly string[] {
  return refused.map(
    ({ path, message, patch }) => `${code(path)}: ${markdownText(message)}\n\n${fenced("diff", patch)}\n`,
  );
}

/** Items: the window, the cuts to expect, how complete it is, what is not seen. */
export function confidenceRows({ confidence }: Pick<Proposal, "confidence">): readonly string[] {
  const { window, completeness, expectedCuts, unseen } = confidence;
  return [
    window === undefined
      ? "- Window: unknown, no record carried a time."
      : `- Window: ${formatDay(window.first)} to ${formatDay(window.last)} (UTC).`,
    expectedCuts === undefined
      ? "- Cuts to expect in a week: nothing can be estimated."
      : `- Cuts to expect in a week: ${rate(expectedCuts.perWeek)} (95 % interval ${rate(expectedCuts.low)} to ${rate(expectedCuts.high)}).`,
    ...(completeness === undefined ? [] : [`- ${markdownText(completenessSentence(completeness))}`]),
    ...unseen.map((sentence) => `- Not seen: ${markdownText(sentence)}`),
  ];
}

function rate(value: number): string {
  return value >= 10 ? thousands(Math.round(value)) : String(Number(value.toPrecision(1)));
}

/** Items: who rendered, what differs, what could not be rendered. */
export function checkRows({ check }: Pick<Proposal, "check">): readonly string[] {
  const rendered =
    check.by.length === 0
      ? "- Rendered by nothing: **not verified**."
      : `- Rendered with ${check.by.map(code).join(", ")}.`;
  return [
    rendered,
    ...check.differences.map((sentence) => `- **Differs from what was meant:** ${markdownText(sentence)}`),
    ...check.unsure.map((sentence) => `- Could not be rendered: ${markdownText(sentence)}`),
  ];
}

/** As {@link countAccess}, for rows that each stand for many connections: `2 kinds of connections`. */
export function countKinds(accesses: readonly Pick<ProposedAccess, "kind">[], more = 0): string {
  const requests = accesses.filter(({ kind }) => kind === "request").length;
  const kinds = counted(accesses.length - requests + more, "kind of connection", "kinds of connections");
  return requests === 0 ? kinds : `${kinds} and ${counted(requests, "request")}`;
}

/** `2 connections and 1 request`. */
export function countAccess(accesses: readonly Pick<ProposedAccess, "kind">[]): string {
  const requests = accesses.filter(({ kind }) => kind === "request").length;
  const connections = accesses.length - requests;
  const parts = [
    ...(connections > 0 || requests === 0 ? [counted(connections, "connection")] : []),
    ...(requests > 0 ? [counted(requests, "request")] : []),
  ];
  return parts.join(" and ");
}
