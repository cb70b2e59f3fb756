import type { Place } from "../../model/manifest-object.ts";
import { safeJson } from "../check/json.ts";
import { terminalSentence } from "../escape.ts";
import { indented, paint, type TerminalStyle, type Tone } from "../terminal-layout.ts";

type Verdict = "allowed" | "denied" | "undefined";

/** What decides about one direction: rules that allow it, or else the policies that isolate the end. */
export interface ShownDirection {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Rules count from 0; undefined is the policy as a whole. */
  readonly by: readonly { readonly policy: string; readonly rule: number | undefined; readonly place: Place }[];
}

/** An answer of `netlearn can`. Texts may hold what stands in manifests, raw. */
export interface ShownAnswer {
  /** As they were asked about. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: string;
  readonly profile: string;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly egress: ShownDirection;
  readonly ingress: ShownDirection;
}

const TONES: Readonly<Record<Verdict, Tone>> = { allowed: "green", denied: "red", undefined: "yellow" };

/**
 * The answer for people: the verdict first, then what decides in each direction, and where it stands.
 *
 * @returns text that ends with a line break; nothing in it is raw
 */
export function renderAnswerText(answer: ShownAnswer, style: TerminalStyle): string {
  const { verdict, from, to, port, protocol, profile } = answer;
  const question = terminalSentence(`${from} -> ${to} ${port}/${protocol} (as ${profile} reads policies)`);
  const [head = "", ...rest] = indented(style, 2, `${verdict}: ${question}`, "");
  const painted = head.replace(verdict, paint(style, ["bold", TONES[verdict]], verdict));
  const directions = [
    ...directionLines("egress", answer.egress, style),
    ...directionLines("ingress", answer.ingress, style),
  ];
  return `${[painted, ...rest, ...directions].join("\n")}\n`;
}

function directionLines(
  name: string,
  { verdict, reason, by }: ShownDirection,
  style: TerminalStyle,
): readonly string[] {
  return [
    ...indented(style, 4, terminalSentence(`${name} ${verdict}: ${reason}`), "  "),
    ...by.flatMap(({ policy, rule, place }) => {
      const what = rule === undefined ? policy : `${policy}, rule ${rule + 1}`;
      return indented(style, 6, terminalSentence(`${place.file}:${place.line}: ${what}`), "    ");
    }),
  ];
}

/** The answer as one line of JSON; rules count from 0, as in `spec.ingress[0]`. */
export function renderAnswerJson(answer: ShownAnswer): string {
  const { verdict, from, to, port, protocol, profile, reason, egress, ingress } = answer;
  const directions = { egress: directionJson(egress), ingress: directionJson(ingress) };
  return `${safeJson({ verdict, from, to, port, protocol, profile, reason, ...directions })}\n`;
}

function directionJson({ verdict, reason, by }: ShownDirection): unknown {
  return { verdict, reason, by: by.map(({ policy, rule, place }) => ({ policy, rule, ...place })) };
}

/** The answer to a line that asks nothing that can be answered; lines count from 1. */
export function renderQuestionError(line: number, error: string): string {
  return `${safeJson({ error, line })}\n`;
}
